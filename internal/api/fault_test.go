package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func TestFault_FailedJournal(t *testing.T) {
	disk := errorfs.New(memfs.New(memfs.WithoutCrashes()))
	n := startNodeOn(t, disk)
	n.mayFail = true
	n.want(http.StatusCreated, "PUT", "/admin/databases?name=db2", `{"DatabaseName":"db2"}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	n.want(http.StatusNoContent, "GET", "/databases/db1/healthcheck", "")
	disk.Fail(func(op errorfs.Op) error {
		if op.In(errorfs.WriteAt) && strings.Contains(op.Name, "Databases/db1/journals") {
			return errors.New("input/output error")
		}
		return nil
	})
	f := func(method, path, body string) {
		t.Helper()
		n.want(http.StatusInternalServerError, method, path, body).wantError(t, "VoronUnrecoverableErrorException", "no more writes")
	}
	f("PUT", docs+"?id=a", `{"v":2}`)
	disk.Fail(nil) // the journal stays as it is: nobody knows what it holds
	f("PUT", docs+"?id=a", `{"v":2}`)
	f("DELETE", docs+"?id=a", "")
	f("POST", bulk, `{"Commands":[{"Type":"PUT","Id":"b","Document":{}}]}`)
	f("GET", "/databases/db1/hilo/next?tag=users", "")
	f("GET", "/databases/db1/healthcheck", "")
	// reads go on
	n.want(http.StatusOK, "GET", docs+"?id=a", "").wantMember(t, 1.0, "Results", 0, "v")
	n.want(http.StatusNotFound, "GET", docs+"?id=b", "")
	n.want(http.StatusOK, "POST", "/databases/db1/queries", `{"Query":"from @all_docs"}`).wantMember(t, 1.0, "TotalResults")
	n.want(http.StatusOK, "GET", "/databases/db1/stats", "").wantMember(t, 1.0, "LastDatabaseEtag")
	// and so do other databases
	n.want(http.StatusCreated, "PUT", "/databases/db2/docs?id=a", `{}`)
	n.want(http.StatusNoContent, "GET", "/databases/db2/healthcheck", "")
}

func TestFault_FullDisk(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	n := startNodeOn(t, disk)
	body := `{"s":"` + noise(100_000) + `"}`
	stored := 0
	for range 2 {
		disk.SetSizeBytesMax(disk.UsedBytes() + 300<<10)
		var a answer
		for a.status = http.StatusCreated; a.status == http.StatusCreated && stored < 1000; stored++ {
			a = n.ask("PUT", fmt.Sprint(docs, "?id=doc/", stored), body)
		}
		stored--
		if a.status != http.StatusInternalServerError {
			t.Fatalf("status %d: %s", a.status, a.body)
		}
		a.wantError(t, "DiskFullException", "disk full")
		n.want(http.StatusOK, "GET", docs+"?id=doc/0", "")
		n.want(http.StatusNotFound, "GET", fmt.Sprint(docs, "?id=doc/", stored), "")
		n.want(http.StatusNoContent, "GET", "/databases/db1/healthcheck", "")
		disk.SetSizeBytesMax(0)
		n.want(http.StatusCreated, "PUT", fmt.Sprint(docs, "?id=doc/", stored), body)
		stored++
	}
	n.want(http.StatusOK, "GET", "/databases/db1/stats", "").wantMember(t, float64(stored), "CountOfDocuments")
	n.check()
}

// noise is a text that does not compress.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = '0' + byte(x%75)
		if b[i] == '\\' {
			b[i] = '!'
		}
	}
	return string(b)
}
