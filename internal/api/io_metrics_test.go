package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

// recorder is that of db1's documents.
func (n *node) recorder() *iometrics.Recorder {
	n.t.Helper()
	db, err := n.server.Database(n.t.Context(), "db1")
	if err != nil {
		n.t.Fatal(err)
	}
	return db.Environments()[0].IO
}

// TestIOMetrics_AreThoseOfTheRecorder: a put is a journal write, in the figures and among the events of its file.
func TestIOMetrics_AreThoseOfTheRecorder(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", "/databases/db1/docs?id=a", `{}`)
	a := n.want(http.StatusOK, "GET", "/databases/db1/debug/io-metrics", "")
	last, _ := a.get(t, "Environments", 0, "LastSequence").(float64) // the next journal may be made meanwhile
	a.wantMember(t, "db1", "Database")
	a.wantMember(t, "A", "Node")
	a.wantMember(t, "documents", "Environments", 0, "Name")
	a.wantMember(t, "Documents", "Environments", 0, "Type")
	a.wantMember(t, "data/Databases/db1", "Environments", 0, "Path")
	a.wantMember(t, "JournalWrite", "Environments", 0, "Totals", 0, "Type")
	a.wantMember(t, 1.0, "Environments", 0, "Totals", 0, "Count")
	a.wantMember(t, 4096.0, "Environments", 0, "Totals", 0, "Size")
	a.wantMember(t, "JournalWrite", "Environments", 0, "History", 0, "Type")
	a.wantMember(t, 1000.0, "Environments", 0, "SlowAfter")
	listed := 0
	var journal any
	files, _ := a.get(t, "Environments", 0, "Files").([]any)
	for i := range files {
		recent, _ := a.get(t, "Environments", 0, "Files", i, "Recent").([]any)
		listed += len(recent)
		if name, _ := a.get(t, "Environments", 0, "Files", i, "File").(string); strings.HasSuffix(name, ".journal") {
			journal = recent[0].(map[string]any)["Type"]
		}
	}
	if listed < int(last) || last < 20 || journal != "JournalWrite" {
		t.Errorf("%d events of %v are listed, that of the journal is of type %v: %s", listed, last, journal, a.body)
	}
	few := n.want(http.StatusOK, "GET", "/databases/db1/debug/io-metrics?pageSize=1", "")
	if got, _ := few.get(t, "Environments", 0, "Files", 0, "Recent", 0, "Sequence").(float64); got < last || len(few.body) > len(a.body)-1000 {
		t.Errorf("the newest is %v, after %v: %s", got, last, few.body)
	}
	n.want(http.StatusBadRequest, "GET", "/databases/db1/debug/io-metrics?format=png", "").wantError(t, "BadRequestException", "json or file")
	n.want(http.StatusBadRequest, "GET", "/databases/db1/debug/io-metrics?pageSize=x", "")
	n.want(http.StatusServiceUnavailable, "GET", "/databases/none/debug/io-metrics", "")
}

// TestIOMetrics_FileComesBackAsItWas: what is exported is what the recorder has, to the nanosecond.
func TestIOMetrics_FileComesBackAsItWas(t *testing.T) {
	n := startNode(t)
	for range 2000 { // more than is held back before the answer flows
		n.recorder().Begin(iometrics.Sync, "a file with a \"long\" name, to make the answer long", 12345).Done(errors.New("full"))
	}
	a := n.want(http.StatusOK, "GET", "/databases/db1/debug/io-metrics?format=file", "")
	if d := a.header.Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="io-metrics-20`) {
		t.Errorf("Content-Disposition: %s", d)
	}
	got, err := iometrics.ReadExport(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	events, lost := n.recorder().Since(0, iometrics.EventsMax, nil)
	if n := len(got.Environments[0].Events); n >= 2000 && n <= len(events) {
		events = events[:n] // the next journal may be made meanwhile
	}
	want := []iometrics.Environment{{Name: "documents", Type: "Documents", Path: "data/Databases/db1", Lost: lost, Events: events}}
	if diff := cmp.Diff(want, got.Environments); diff != "" || got.Database != "db1" || got.Node != "A" {
		t.Errorf("database %s on %s: %s", got.Database, got.Node, diff)
	}
}

// TestPerfMetrics_CountTransactionsAndBatches: two puts are two of each.
func TestPerfMetrics_CountTransactionsAndBatches(t *testing.T) {
	n := startNode(t)
	for range 2 {
		n.want(http.StatusCreated, "PUT", "/databases/db1/docs?id=a", `{}`)
	}
	a := n.want(http.StatusOK, "GET", "/databases/db1/debug/perf-metrics", "")
	a.wantMember(t, 2.0, "Transactions", "Count")
	a.wantMember(t, 8192.0, "Transactions", "Size")
	a.wantMember(t, 2.0, "Batches", "Count")
	a.wantMember(t, 2.0, "Batches", "Commands")
	a.wantMember(t, 0.0, "Batches", "Refused")
	a.wantMember(t, 1.0, "Batches", "LargestBatch")
	a.wantMember(t, 1.0, "Batches", "Recent", 1, "Commands")
	a.wantMember(t, 0.0, "Queue", "Waiting")
}

// TestTransactionInfo_ListsWhatIsOpen: a reader that stays is seen with what it sees.
func TestTransactionInfo_ListsWhatIsOpen(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusOK, "GET", "/databases/db1/debug/txinfo", "").wantMember(t, "documents", "Environments", 0, "Name")
	db, err := n.server.Database(t.Context(), "db1")
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *storage.ReadTx) error {
		n.want(http.StatusCreated, "PUT", "/databases/db1/docs?id=a", `{}`)
		a := n.want(http.StatusOK, "GET", "/databases/db1/debug/txinfo", "")
		a.wantMember(t, "Read", "Environments", 0, "Transactions", 0, "Kind")
		a.wantMember(t, float64(tx.ID()), "Environments", 0, "Transactions", 0, "Id")
		a.wantMember(t, 1.0, "Environments", 0, "Transactions", 0, "Count")
		if age, _ := a.get(t, "Environments", 0, "Transactions", 0, "Age").(float64); age <= 0 {
			t.Errorf("age %v", age)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPerformanceHints_TellOfASlowDisk: none while all is well; one when a write took too long, also in the statistics.
func TestPerformanceHints_TellOfASlowDisk(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusOK, "GET", "/databases/db1/debug/performance-hints", "").wantMember(t, 0.0, "TotalResults")
	n.want(http.StatusOK, "GET", "/databases/db1/stats", "").wantMember(t, 0.0, "Storage", "SlowIO")
	op := n.recorder().Begin(iometrics.Sync, "data", 0)
	n.ahead.Store(int64(2 * time.Second))
	op.Done(nil)
	a := n.want(http.StatusOK, "GET", "/databases/db1/debug/performance-hints", "")
	a.wantMember(t, 1.0, "TotalResults")
	a.wantMember(t, "SlowIO", "Results", 0, "Type")
	a.wantMember(t, "db1", "Results", 0, "Database")
	a.wantMember(t, "documents", "Results", 0, "Environment")
	a.wantMember(t, "Sync", "Results", 0, "Recent", 0, "Type")
	n.want(http.StatusOK, "GET", "/databases/db1/stats", "").wantMember(t, 1.0, "Storage", "SlowIO")
}
