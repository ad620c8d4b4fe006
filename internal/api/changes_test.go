package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/api"
	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/operation"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const changesPath = "/databases/db1/changes"

// watcher is a client of the changes API.
type watcher struct {
	t    testing.TB
	conn *websocket.Conn
	last int // command
	got  []string
}

func (n *node) watcher() *watcher {
	n.t.Helper()
	conn, resp, err := websocket.Dial(n.t.Context(), n.url+changesPath, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	conn.SetReadLimit(4 << 20)
	n.t.Cleanup(func() { _ = conn.CloseNow() })
	return &watcher{t: n.t, conn: conn}
}

// send sends a text as it is.
func (w *watcher) send(text string) {
	w.t.Helper()
	if err := w.conn.Write(w.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		w.t.Fatal(err)
	}
}

// do sends a command and reads until it is confirmed.
func (w *watcher) do(command string, names ...string) {
	w.t.Helper()
	w.last++
	text := fmt.Sprintf(`{"CommandId":%d,"Command":%q,"Param":null}`, w.last, command)
	switch len(names) {
	case 1:
		text = fmt.Sprintf(`{"CommandId":%d,"Command":%q,"Param":%q}`+"\n", w.last, command, names[0])
	case 2:
		text = fmt.Sprintf(`{"CommandId":%d,"Command":%q,"Param":null,"Params":[%q,%q]}`, w.last, command, names[0], names[1])
	}
	w.send(text)
	w.until(fmt.Sprintf("Confirm %d", w.last))
}

// message is what the server sends.
type message struct {
	Type      string
	CommandId int //nolint:revive // the name on the wire
	Value     struct {
		Type, Id, CollectionName, ChangeVector string //nolint:revive // names on the wire
		OperationId                            int64  //nolint:revive // the name on the wire
		State                                  struct {
			Status           string
			Result, Progress any
		}
	}
}

func (m message) String() string {
	switch m.Type {
	case "Confirm":
		return fmt.Sprintf("Confirm %d", m.CommandId)
	case "DocumentChange":
		number, _, _ := strings.Cut(m.Value.ChangeVector, "-")
		return fmt.Sprintf("%s %s of %s at %s", m.Value.Type, m.Value.Id, m.Value.CollectionName, number)
	case "OperationStatusChange":
		return fmt.Sprintf("operation %s %v %v", m.Value.State.Status, m.Value.State.Progress, m.Value.State.Result)
	}
	return "unknown " + m.Type
}

// read reads one message of the server, all of its elements.
func (w *watcher) read(ctx context.Context) error {
	_, text, err := w.conn.Read(ctx)
	if err != nil {
		return err
	}
	var list []message
	if err := json.Unmarshal(text, &list); err != nil || len(list) == 0 {
		return fmt.Errorf("%w: %q", errors.Join(err, errors.New("no array of messages")), text)
	}
	for _, m := range list {
		w.got = append(w.got, m.String())
	}
	return nil
}

// until reads until this was among what came.
func (w *watcher) until(element string) {
	w.t.Helper()
	for !slices.Contains(w.got, element) {
		if err := w.read(w.t.Context()); err != nil {
			w.t.Fatalf("waiting for %q after %q: %v", element, w.got, err)
		}
	}
}

// want compares all that came before the confirmation of a last command, without other confirmations.
func (w *watcher) want(want ...string) {
	w.t.Helper()
	w.do("watch-topology-change")
	var got []string
	for _, m := range w.got {
		if !strings.HasPrefix(m, "Confirm") {
			got = append(got, m)
		}
	}
	w.got = nil
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("told (-want +got):\n%s", diff)
	}
}

// end reads until the connection is closed, and returns how.
func (w *watcher) end() (status websocket.StatusCode, reason string) {
	w.t.Helper()
	for {
		err := w.read(w.t.Context())
		if closed, ok := errors.AsType[websocket.CloseError](err); ok {
			return closed.Code, closed.Reason
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func (n *node) put(id, collection string) {
	n.t.Helper()
	n.want(http.StatusCreated, "PUT", docs+"?id="+id, `{"@metadata":{"@collection":"`+collection+`"}}`)
}

// TestChanges_EveryRoadOfAWriteIsTold: put, delete, batch, a batch that fails, a delete by prefix, ids for clients.
func TestChanges_EveryRoadOfAWriteIsTold(t *testing.T) {
	n := startPatientNode(t)
	n.put("users/0", "Users") // its answer is there before the watch, so it is not told
	w := n.watcher()
	w.do("watch-docs")
	n.put("users/1", "Users")
	n.want(http.StatusNoContent, "DELETE", docs+"?id=USERS/1", "")
	n.want(http.StatusNoContent, "DELETE", docs+"?id=nobody", "")
	n.want(http.StatusCreated, "POST", "/databases/db1/bulk_docs", `{"Commands":[
		{"Type":"PUT","Id":"a/1","Document":{}},{"Type":"PUT","Id":"a/2","Document":{}},{"Type":"PUT","Id":"a/1","Document":{"v":2}},
		{"Type":"DELETE","Id":"users/0"}]}`)
	n.want(http.StatusConflict, "POST", "/databases/db1/bulk_docs", `{"Commands":[
		{"Type":"PUT","Id":"b/1","Document":{}},{"Type":"PUT","Id":"a/2","ChangeVector":"A:1-0123456789012345678901","Document":{}}]}`)
	n.want(http.StatusCreated, "POST", "/databases/db1/bulk_docs", `{"Commands":[{"Type":"DELETE","Id":"A/","IdPrefixed":true}]}`)
	n.want(http.StatusOK, "GET", "/databases/db1/hilo/next?tag=users", "")
	w.want(
		"Put users/1 of Users at A:2", "Delete users/1 of Users at A:3",
		"Put a/1 of @empty at A:4", "Put a/2 of @empty at A:5", "Put a/1 of @empty at A:6", "Delete users/0 of Users at A:7",
		"Delete a/1 of @empty at A:8", "Delete a/2 of @empty at A:9",
		"Put Raven/Hilo/users of @hilo at A:10",
	)
}

// TestChanges_ToldWhatIsWatched: by id, prefix and collection, without regard to case, once for several watches, and no more after
// the watch has ended.
func TestChanges_ToldWhatIsWatched(t *testing.T) {
	n := startPatientNode(t)
	w, other := n.watcher(), n.watcher()
	w.do("watch-doc", "Users/1")
	w.do("watch-prefix", "USERS/1")
	w.do("watch-collection", "oRDERS")
	other.do("watch-doc", "orders/1")
	n.put("users/1", "Users")
	n.put("users/10", "Users")
	n.put("users/2", "Users")
	n.put("orders/1", "Orders")
	w.want("Put users/1 of Users at A:1", "Put users/10 of Users at A:2", "Put orders/1 of Orders at A:4")
	other.want("Put orders/1 of Orders at A:4")
	w.do("unwatch-prefix", "users/1")
	w.do("unwatch-collection", "Orders")
	w.do("unwatch-collection", "Orders")
	w.do("")
	n.put("users/10", "Users")
	n.put("users/1", "Users")
	n.put("orders/1", "Orders")
	w.want("Put users/1 of Users at A:6")
	for _, names := range [][]string{
		{"watch-indexes"},
		{"watch-index", "a"},
		{"watch-counters"},
		{"watch-counter", "likes"},
		{"watch-document-counters", "a"},
		{"watch-document-counter", "a", "likes"},
		{"watch-all-timeseries"},
		{"watch-timeseries", "HR"},
		{"watch-all-document-timeseries", "a"},
		{"watch-document-timeseries", "a", "HR"},
		{"watch-operations"},
	} {
		w.do(names[0], names[1:]...)
		w.do("un"+names[0], names[1:]...)
	}
	w.want()
}

// TestChanges_InTheOrderOfCommits: many writers, whose batches overtake each other, and every watcher hears the same order.
func TestChanges_InTheOrderOfCommits(t *testing.T) {
	n := startPatientNode(t)
	const writers, each = 8, 40
	watching := []*watcher{n.watcher(), n.watcher()}
	watching[0].do("watch-docs")
	watching[1].do("watch-prefix", "d")
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for range each {
				n.ask("PUT", fmt.Sprintf("%s?id=d%d", docs, i), `{}`)
			}
		})
	}
	all.Wait()
	for _, w := range watching {
		w.do("watch-topology-change")
		at := 0
		for _, m := range w.got {
			if strings.HasPrefix(m, "Put") {
				if at++; !strings.HasSuffix(m, fmt.Sprintf(" at A:%d", at)) {
					t.Fatalf("%s, where A:%d should be", m, at)
				}
			}
		}
		if at != writers*each {
			t.Errorf("%d changes, want %d", at, writers*each)
		}
	}
}

// TestChanges_OperationsShowTheirProgress: one operation of three is watched, from before its end; and all of them by another.
func TestChanges_OperationsShowTheirProgress(t *testing.T) {
	n := startPatientNode(t)
	all, one := n.watcher(), n.watcher()
	all.do("watch-operations")
	goOn := make(chan struct{})
	work := func(_ context.Context, report func(any)) (any, error) {
		report("half")
		<-goOn
		return "whole", nil
	}
	start := func(database string) operation.ID {
		t.Helper()
		id, err := n.server.Operations().Start(operation.Spec{Database: database, Kind: "Test"}, work)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	start("")
	start("other")
	id := start("db1")
	one.do("watch-operation", fmt.Sprint(id))
	for range 3 { // again and again while it runs
		one.got = nil
		one.until("operation InProgress half <nil>")
	}
	close(goOn)
	one.until("operation Completed half whole")
	all.until("operation Completed half whole")
	one.got = nil
	one.do("unwatch-operation", fmt.Sprint(id))
	one.do("watch-operation", fmt.Sprint(id)) // who comes late is told how it ended
	one.until("operation Completed half whole")
	one.got = nil
	one.do("watch-operation", "1")
	one.do("watch-operation", fmt.Sprint(n.server.Operations().Reserve("db1")))
	one.want()
}

// TestChanges_WhatIsNoCommandEndsTheConnection: with a status and a reason, and without a message of type Error.
func TestChanges_WhatIsNoCommandEndsTheConnection(t *testing.T) {
	n := startPatientNode(t)
	f := func(text string, status websocket.StatusCode, part string) {
		t.Helper()
		w := n.watcher()
		w.send(text)
		got, reason := w.end()
		if got != status || !strings.Contains(reason, part) || len(w.got) > 0 {
			t.Errorf("%.80s: closed with %v %q after %q", text, got, reason, w.got)
		}
	}
	policy := websocket.StatusPolicyViolation
	f(`{"CommandId":1,"Command":"watch-everything"}`, policy, "no such command")
	f(`{"CommandId":1,"Command":"unwatch"}`, policy, "no such command")
	f(`{"CommandId":1,"Command":"watch-doc","Param":null}`, policy, "Param is missing")
	f(`{"CommandId":1,"Command":"watch-document-counter","Params":["a"]}`, policy, "Params")
	f(`{"CommandId":1,"Command":"watch-document-counter","Params":["a",1]}`, policy, "Params")
	f(`{"CommandId":1,"Command":"watch-operation","Param":"seven"}`, policy, "number")
	f(`{"CommandId":1,"Command":"watch-doc","Param":"`+strings.Repeat("x", 513)+`"}`, policy, "512")
	f(`{"CommandId":"1","Command":"watch-docs"}`, policy, "CommandId")
	f(`{"Command":"watch-docs"}`, policy, "CommandId")
	f(`{"CommandId":1,"Command":7}`, policy, "Command")
	f(`[]`, policy, "object")
	f(`{"CommandId":`, policy, "")
	f(`"`+strings.Repeat("x", 8<<10)+`"`, websocket.StatusMessageTooBig, "")
	w := n.watcher()
	if err := w.conn.Write(t.Context(), websocket.MessageBinary, []byte(`{"CommandId":1,"Command":"watch-docs"}`)); err != nil {
		t.Fatal(err)
	}
	if status, _ := w.end(); status != websocket.StatusUnsupportedData {
		t.Errorf("a binary command: closed with %v", status)
	}
	n.wantSockets(0)
}

// TestChanges_WatchesHaveABound: 4096 are good, one more ends the connection.
func TestChanges_WatchesHaveABound(t *testing.T) {
	n := startPatientNode(t)
	w := n.watcher()
	for i := range 4096 {
		w.send(fmt.Sprintf(`{"CommandId":%d,"Command":"watch-doc","Param":"users/%d"}`, i+1, i))
		if i%256 == 255 {
			w.until(fmt.Sprintf("Confirm %d", i+1))
		}
	}
	w.until("Confirm 4096")
	w.send(`{"CommandId":4097,"Command":"watch-doc","Param":"users/1"}`) // has it already
	w.until("Confirm 4097")
	w.send(`{"CommandId":4098,"Command":"watch-doc","Param":"users/x"}`)
	if status, reason := w.end(); status != websocket.StatusPolicyViolation || !strings.Contains(reason, "4096 watches") {
		t.Errorf("closed with %v %q", status, reason)
	}
}

// TestChanges_WhoIsTooSlowIsTold: a client that does not read holds up no write, and learns that it has missed something.
func TestChanges_WhoIsTooSlowIsTold(t *testing.T) {
	n := startPatientNode(t)
	quick, slow := n.watcher(), n.watcher()
	slow.do("watch-docs")
	quick.do("watch-doc", "a")
	db, err := n.server.Database(t.Context(), "db1")
	if err != nil {
		t.Fatal(err)
	}
	long := changes.Document{Act: changes.Put, ID: strings.Repeat("x", 1<<20)}
	for range 64 { // more than the system, a message and the queue hold
		db.Changes().Publish([]changes.Change{long})
	}
	n.put("a", "")
	quick.want("Put a of @empty at A:1")
	if status, reason := slow.end(); status != websocket.StatusTryAgainLater || !strings.Contains(reason, "read again") {
		t.Errorf("closed with %v %q", status, reason)
	}
	for _, m := range slow.got {
		if strings.HasPrefix(m, "Put a of") {
			t.Errorf("told of what came after a loss")
		}
	}
	n.wantSockets(1)
}

// TestChanges_WhoIsGoneIsDropped: a client that answers no ping takes no room for long.
func TestChanges_WhoIsGoneIsDropped(t *testing.T) {
	n := startLiveNode(t)
	n.deafClient(changesPath)
	n.wantSockets(0)
	n.put("a", "")
}

// startPatientNode is startLiveNode for clients that do not read, and so answer no ping, for a while.
func startPatientNode(t testing.TB) *node {
	t.Helper()
	return startNodeWith(t, memfs.New(memfs.WithoutCrashes()), func(o api.Options) http.Handler {
		return api.NewWithPace(o, 5*time.Millisecond, time.Minute, time.Minute)
	})
}

// TestChanges_EndWithTheDatabase: who watches a database that is disabled or deleted is told so, and refused afterwards.
func TestChanges_EndWithTheDatabase(t *testing.T) {
	n := startPatientNode(t)
	w := n.watcher()
	w.do("watch-docs")
	n.want(http.StatusOK, "POST", "/admin/databases/disable", `{"DatabaseNames":["db1"]}`)
	if status, reason := w.end(); status != websocket.StatusGoingAway || !strings.Contains(reason, "closed") {
		t.Errorf("closed with %v %q", status, reason)
	}
	n.want(http.StatusServiceUnavailable, "GET", changesPath, "", handshake...).wantError(t, "DatabaseDisabledException", "db1")
	n.want(http.StatusOK, "POST", "/admin/databases/enable", `{"DatabaseNames":["db1"]}`)
	again := n.watcher()
	again.do("watch-docs")
	n.put("a", "")
	again.want("Put a of @empty at A:1")
	n.want(http.StatusOK, "DELETE", "/admin/databases", `{"DatabaseNames":["db1"],"HardDelete":true}`)
	if status, _ := again.end(); status != websocket.StatusGoingAway {
		t.Errorf("closed with %v", status)
	}
	a := n.want(http.StatusServiceUnavailable, "GET", changesPath, "", handshake...)
	a.wantError(t, "DatabaseDoesNotExistException", "db1")
	if got := a.header.Get("Database-Missing"); got != "db1" {
		t.Errorf("Database-Missing: %q", got)
	}
	n.wantSockets(0)
}

var handshake = []string{
	"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
}

// TestChanges_RefusesOtherHandshakes as all WebSockets do, and counts among them.
func TestChanges_RefusesOtherHandshakes(t *testing.T) {
	n := startPatientNode(t)
	n.want(http.StatusBadRequest, "GET", changesPath, "").wantError(t, "BadRequestException", "websocket")
	n.want(http.StatusForbidden, "GET", changesPath, "", append(handshake, "Origin", "http://evil.example")...)
	for range api.SocketsMax {
		n.watcher()
	}
	n.want(http.StatusServiceUnavailable, "GET", changesPath, "", handshake...).wantError(t, "DatabaseLoadFailureException", "WebSockets are open")
}
