package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/operation"
)

// await asks for the state of an operation until it has ended.
func (n *node) await(path string, id any) answer {
	n.t.Helper()
	for {
		a := n.want(http.StatusOK, "GET", fmt.Sprintf("%s/state?id=%.0f", path, id), "")
		if a.get(n.t, "Status") != "InProgress" {
			return a
		}
		if err := n.t.Context().Err(); err != nil {
			n.t.Fatal(err)
		}
	}
}

// start begins an operation of database db1, or of the server.
func (n *node) start(database string, work operation.Work) string {
	n.t.Helper()
	id, err := n.server.Operations().Start(operation.Spec{Database: database, Kind: "Test", Description: "of a test"}, work)
	if err != nil {
		n.t.Fatal(err)
	}
	return fmt.Sprint(int64(id))
}

func TestCompact_ThroughTheAPI(t *testing.T) {
	n := startNode(t)
	for i := range 50 {
		n.want(http.StatusCreated, "PUT", fmt.Sprint(docs, "?id=users/", i), `{"pad":"`+strings.Repeat("x", 5000)+`"}`)
	}
	before := n.want(http.StatusOK, "GET", docs+"?id=users/7", "")
	a := n.want(http.StatusAccepted, "POST", "/admin/compact", `{"DatabaseName":"DB1","Documents":true,"Indexes":[],"SkipOptimizeIndexes":false}`)
	a.wantMember(t, "A", "OperationNodeTag")
	s := n.await("/operations", a.get(t, "OperationId"))
	s.wantMember(t, "Completed", "Status")
	got, _ := s.get(t, "Result", "BytesAfter").(float64)
	if had, _ := s.get(t, "Result", "BytesBefore").(float64); got <= 0 || got >= had {
		t.Errorf("sizes %v and %v in %s", had, got, s.body)
	}
	s.wantMember(t, "putting the copy in place", "Progress", "Message")
	if after := n.want(http.StatusOK, "GET", docs+"?id=users/7", ""); after.body != before.body || after.header.Get("ETag") != before.header.Get("ETag") {
		t.Errorf("the document was %s, is %s", before.body, after.body)
	}
	n.check()
	n.want(http.StatusOK, "GET", "/admin/operations", "").wantMember(t, "DatabaseCompact", "Results", 0, "Kind")
	for _, bad := range []string{
		`{}`, `{"DatabaseName":"db1"}`, `{"DatabaseName":"db1","Documents":true,"Indexes":["Orders/ByTotal"]}`,
		`{"DatabaseName":7,"Documents":true}`, `{"DatabaseName":"db1","Documents":true,"Indexes":"all"}`,
	} {
		n.want(http.StatusBadRequest, "POST", "/admin/compact", bad).wantError(t, "BadRequestException", "")
	}
	n.want(http.StatusServiceUnavailable, "POST", "/admin/compact", `{"DatabaseName":"nope","Documents":true}`).wantError(t, "DatabaseDoesNotExistException", "nope")
}

// Requests during a compaction are sent away with a time to come back.
func TestCompact_RequestsMeanwhileAreToldToComeBack(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{}`)
	n.want(http.StatusCreated, "PUT", "/admin/databases?name=db2", `{}`)
	release, held := n.holdCompaction("db1")
	a := n.want(http.StatusServiceUnavailable, "GET", docs+"?id=a", "")
	a.wantError(t, "DatabaseLoadFailureException", "compacted")
	if got := a.header.Get("Retry-After"); got != "5" {
		t.Errorf("Retry-After = %q", got)
	}
	n.want(http.StatusCreated, "PUT", "/databases/db2/docs?id=a", `{}`)
	close(release)
	if err := <-held; err != nil {
		t.Error(err)
	}
	n.want(http.StatusOK, "GET", docs+"?id=a", "")
}

// holdCompaction begins a compaction that goes on when release is closed, and then gives its outcome.
func (n *node) holdCompaction(name string) (release chan struct{}, outcome chan error) {
	release, outcome = make(chan struct{}), make(chan error, 1)
	begun := make(chan struct{})
	var once sync.Once
	go func() {
		_, err := n.server.Compact(context.Background(), name, func(database.CompactionProgress) {
			once.Do(func() { close(begun); <-release })
		})
		outcome <- err
	}()
	<-begun
	return release, outcome
}

func TestOperations_EndsAsClientsReadThem(t *testing.T) {
	n := startNode(t)
	const path = "/databases/db1/operations"
	broken := n.start("db1", func(context.Context, func(any)) (any, error) { return nil, errors.New("why") })
	n.wantEnd(path, broken, "Faulted")
	a := n.want(http.StatusOK, "GET", path+"/state?id="+broken, "")
	a.wantMember(t, 500.0, "Result", "StatusCode")
	a.wantMember(t, "Raven.Client.Exceptions.RavenException: why", "Result", "Error")
	a.wantMember(t, "Raven.Client.Documents.Operations.OperationExceptionResult, Raven.Client", "Result", "$type")

	endless := n.start("db1", func(ctx context.Context, report func(any)) (any, error) {
		report(map[string]int{"Processed": 3, "Total": 10})
		<-ctx.Done()
		return nil, ctx.Err()
	})
	n.want(http.StatusNotFound, "GET", "/operations/state?id="+endless, "")
	n.want(http.StatusNotFound, "POST", "/admin/operations/kill?id="+endless, "")
	n.want(http.StatusNoContent, "POST", path+"/kill?id="+endless, "")
	n.wantEnd(path, endless, "Canceled")
	n.want(http.StatusOK, "GET", path+"/state?id="+endless, "", "Raven-Client-Version", "4.2.103").wantMember(t, "Cancelled", "Status")
	n.want(http.StatusOK, "GET", path+"/state?id="+endless, "", "Raven-Client-Version", "5.4.3").wantMember(t, 3.0, "Progress", "Processed")

	next := n.want(http.StatusOK, "GET", path+"/next-operation-id", "")
	next.wantMember(t, "A", "NodeTag")
	reserved := fmt.Sprintf("%.0f", next.get(t, "Id"))
	n.want(http.StatusOK, "GET", path+"/state?id="+reserved, "").wantMember(t, "InProgress", "Status")
	n.want(http.StatusOK, "GET", path, "").wantMember(t, "of a test", "Results", 1, "Description")
	n.want(http.StatusOK, "GET", "/admin/operations/next-operation-id", "").wantMember(t, "A", "NodeTag")
	for _, bad := range []string{"", "x", "1.5"} {
		n.want(http.StatusBadRequest, "GET", path+"/state?id="+bad, "")
	}
	n.want(http.StatusNotFound, "GET", path+"/state?id=1", "")
}

// wantEnd waits until the operation has ended so.
func (n *node) wantEnd(path, id, want string) {
	n.t.Helper()
	for {
		a := n.want(http.StatusOK, "GET", path+"/state?id="+id, "")
		if got := a.get(n.t, "Status"); got != "InProgress" {
			if got != want {
				n.t.Errorf("operation %s ended %v, want %s: %s", id, got, want, a.body)
			}
			return
		}
	}
}
