package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/rookerydb/rookery/internal/api"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const livePath = "/databases/db1/debug/io-metrics/live"

// startLiveNode is startNode with feeds that are quick to send and quick to drop a client.
func startLiveNode(t testing.TB) *node {
	t.Helper()
	return startNodeWith(t, memfs.New(memfs.WithoutCrashes()), func(o api.Options) http.Handler {
		return api.NewWithPace(o, 5*time.Millisecond, 50*time.Millisecond, 2*time.Second)
	})
}

// liveMessage is what a feed sends.
type liveMessage struct {
	Environments []struct {
		Name, Type string
		Lost       uint64
		Running    []struct{ Type, File string }
		Events     []struct {
			Sequence   uint64
			Type, File string
			Size       int64
		}
	}
}

// viewer is a client of a feed. It checks that no event is missing or comes twice.
type viewer struct {
	conn  *websocket.Conn
	last  uint64
	lost  uint64
	bytes int64 // of journal writes
	quiet int   // messages without events
	hangs string
}

func (n *node) view() *viewer {
	n.t.Helper()
	conn, resp, err := websocket.Dial(n.t.Context(), n.url+livePath, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	conn.SetReadLimit(4 << 20)
	n.t.Cleanup(func() { _ = conn.CloseNow() })
	return &viewer{conn: conn}
}

// next reads one message.
func (v *viewer) next(ctx context.Context) error {
	_, text, err := v.conn.Read(ctx)
	if err != nil {
		return err
	}
	var m liveMessage
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("%w: %s", err, text)
	}
	v.quiet++
	for _, env := range m.Environments {
		v.last += env.Lost
		v.lost += env.Lost
		for _, op := range env.Running {
			v.hangs = op.Type
		}
		for _, e := range env.Events {
			v.quiet = 0
			v.last++
			if e.Sequence != v.last || env.Name != "documents" {
				return fmt.Errorf("event %d of %s where %d should be", e.Sequence, env.Name, v.last)
			}
			if e.Type == "JournalWrite" {
				v.bytes += e.Size
			}
		}
	}
	return nil
}

// watch reads beside the test until all up to an event were seen, whose sequence may be set meanwhile. Signs of life make it
// look again when no more events come.
func (v *viewer) watch(ctx context.Context, last *atomic.Uint64) <-chan error {
	done := make(chan error, 1)
	go func() {
		var err error
		for err == nil && (last.Load() == 0 || v.last < last.Load()) {
			err = v.next(ctx)
		}
		done <- err
	}()
	return done
}

// TestLive_EveryClientSeesEveryEvent: clients that come early, late and in the middle, beside one that never reads.
func TestLive_EveryClientSeesEveryEvent(t *testing.T) {
	n := startLiveNode(t)
	var last atomic.Uint64
	var viewers []*viewer
	var watching []<-chan error
	join := func() {
		v := n.view()
		viewers, watching = append(viewers, v), append(watching, v.watch(t.Context(), &last))
	}
	join()
	join()
	deaf := n.deafClient(livePath)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 50 {
				n.ask("PUT", fmt.Sprintf("/databases/db1/docs?id=%d-%d", w, i), `{}`)
			}
		})
	}
	join()
	writers.Wait()
	last.Store(n.recorder().Last())
	join()
	db, err := n.server.Database(t.Context(), "db1")
	if err != nil {
		t.Fatal(err)
	}
	stats, err := db.Stats()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range viewers {
		if err := <-watching[i]; err != nil {
			t.Fatalf("client %d: %v", i, err)
		}
		if v.bytes != stats.Storage.JournaledBytes || v.lost != 0 {
			t.Errorf("client %d saw %d bytes of journal writes and lost %d events, want %d and none", i, v.bytes, v.lost, stats.Storage.JournaledBytes)
		}
		_ = v.conn.CloseNow()
	}
	// The deaf one does not answer pings and is dropped; it finds that out when it looks.
	n.wantSockets(0)
	if _, err := io.Copy(io.Discard, deaf); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the connection was not closed: %v", err)
	}
	n.want(http.StatusCreated, "PUT", "/databases/db1/docs?id=after", `{}`)
}

// deafClient opens the WebSocket of path and never reads from it.
func (n *node) deafClient(path string) net.Conn {
	n.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(n.t.Context(), "tcp", strings.TrimPrefix(n.url, "http://"))
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = conn.Close() })
	before := api.OpenSockets(n.handler)
	_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if err != nil {
		n.t.Fatal(err)
	}
	n.wantSockets(before + 1)
	return conn
}

// wantSockets waits until so many WebSockets are open.
func (n *node) wantSockets(want int) {
	n.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for api.OpenSockets(n.handler) != want {
		if time.Now().After(deadline) {
			n.t.Fatalf("%d WebSockets are open, want %d", api.OpenSockets(n.handler), want)
		}
		runtime.Gosched()
	}
}

// TestLive_ShowsWhatHangs: an operation that does not end leaves no event; the signs of life tell of it.
func TestLive_ShowsWhatHangs(t *testing.T) {
	n := startLiveNode(t)
	v := n.view()
	op := n.recorder().Begin(iometrics.Sync, "data", 0)
	defer op.Done(nil)
	for v.hangs != "Sync" {
		if err := v.next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLive_EndsWithTheDatabase: who watches a database that is closed is told so.
func TestLive_EndsWithTheDatabase(t *testing.T) {
	n := startLiveNode(t)
	v := n.view()
	n.want(http.StatusOK, "POST", "/admin/databases/disable", `{"DatabaseNames":["db1"]}`)
	var err error
	for err == nil {
		err = v.next(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the feed ended with %v", err)
	}
	n.wantSockets(0)
}

// TestLive_IsOneWay: a client that talks is not listened to.
func TestLive_IsOneWay(t *testing.T) {
	n := startLiveNode(t)
	v := n.view()
	if err := v.conn.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		err = v.next(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("the feed ended with %v", err)
	}
	n.wantSockets(0)
}

// TestLive_RefusesOtherHandshakes: what is no WebSocket, and a page of another server.
func TestLive_RefusesOtherHandshakes(t *testing.T) {
	n := startLiveNode(t)
	n.want(http.StatusBadRequest, "GET", livePath, "").wantError(t, "BadRequestException", "websocket")
	n.want(http.StatusForbidden, "GET", livePath, "", append(handshake, "Origin", "http://evil.example")...).
		wantError(t, "AuthorizationException", "evil.example")
	n.want(http.StatusForbidden, "GET", livePath, "", append(handshake, "Origin", "null")...)
	n.want(http.StatusServiceUnavailable, "GET", "/databases/none/debug/io-metrics/live", "", handshake...)
	n.want(http.StatusBadRequest, "GET", livePath, "", append(handshake, "Sec-WebSocket-Version", "12")...)
	a := n.want(http.StatusOK, "POST", "/databases/db1/multi_get", `{"Requests":[{"Url":"`+livePath+`"}]}`)
	a.wantMember(t, 501.0, "Results", 0, "StatusCode")
	own, resp, err := websocket.Dial(t.Context(), n.url+livePath, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {n.url}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Raven-Server-Version"); got != api.CompatibleVersion {
		t.Errorf("Raven-Server-Version: %q", got)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	_ = own.CloseNow()
	n.wantSockets(0)
}

// TestLive_HasABound: more clients than that are refused with a good answer, and let in when others have gone.
func TestLive_HasABound(t *testing.T) {
	n := startLiveNode(t)
	viewers := make([]*viewer, api.SocketsMax)
	for i := range viewers {
		viewers[i] = n.view()
	}
	n.want(http.StatusServiceUnavailable, "GET", livePath, "", "Connection", "Upgrade", "Upgrade", "websocket",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==").wantError(t, "DatabaseLoadFailureException", "WebSockets are open")
	for _, v := range viewers {
		_ = v.conn.CloseNow()
	}
	n.wantSockets(0)
	if err := n.view().next(t.Context()); err != nil {
		t.Error(err)
	}
}
