package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestStorageReport(t *testing.T) {
	n := startNode(t)
	for i := range 20 {
		n.want(http.StatusCreated, "PUT", fmt.Sprint(docs, "?id=users/", i), `{"pad":"`+strings.Repeat("x", 1000*i)+`"}`)
	}
	for _, path := range []string{"/databases/db1/debug/storage/report", "/databases/db1/debug/storage/all-environments/report"} {
		a := n.want(http.StatusOK, "GET", path, "")
		a.wantMember(t, "db1", "Results", 0, "Name")
		a.wantMember(t, "Documents", "Results", 0, "Type")
		a.wantMember(t, "@catalog", "Results", 0, "Report", "Structures", 0, "Name")
		number := func(name string) float64 {
			v, _ := a.get(t, "Results", 0, "Report", "DataFile", name).(float64)
			return v
		}
		parts := number("UsedSpaceInBytes") + number("FreeSpaceInBytes") + number("PreallocatedSpaceInBytes")
		if whole := number("AllocatedSpaceInBytes") + number("BeyondFileInBytes"); parts != whole || whole == 0 {
			t.Errorf("the parts have %v bytes of %v: %s", parts, whole, a.body)
		}
		if strings.Contains(a.body, "Density") {
			t.Errorf("details that nobody asked for: %s", a.body)
		}
		d := n.want(http.StatusOK, "GET", path+"?details=true", "")
		for _, want := range []string{`"Density":`, `"RowBytes":`, `"documents.etag"`} {
			if !strings.Contains(d.body, want) {
				t.Errorf("no %s in %s", want, d.body)
			}
		}
	}
	n.want(http.StatusBadRequest, "GET", "/databases/db1/debug/storage/report?details=perhaps", "")
}
