package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/coder/websocket"

	"github.com/rookerydb/rookery/internal/fault"
)

// webSocket turns the connection of r into a WebSocket, and calls talk with it, and listen in a goroutine beside. Their context
// ends when listen returns, which it does with the error of the connection when the client has gone, or with a *closeError that the client
// is told; talk returns then, or when there is nothing more to say.
//
// The handler returns what webSocket returns. Errors before the change of protocol are answered like those of any route; after
// it, the connection is closed and that is the whole answer.
func (h *handler) webSocket(r *request, listen func(context.Context, *websocket.Conn) error, talk func(context.Context, *websocket.Conn)) error {
	if err := checkSocketRequest(r); err != nil {
		return err
	}
	select {
	case h.sockets <- struct{}{}:
		defer func() { <-h.sockets }()
	default:
		return &socketsBusyError{open: cap(h.sockets)}
	}
	r.w.Header()["Raven-Server-Version"] = serverVersion
	r.taken = true // Accept answers a handshake that it refuses
	conn, err := websocket.Accept(r.w, r.http, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil
	}
	ctx, gone := context.WithCancelCause(r.http.Context())
	var listening sync.WaitGroup
	listening.Go(func() { gone(listen(ctx, conn)) })
	defer listening.Wait()
	defer func() { _ = conn.CloseNow() }()
	talk(ctx, conn)
	if end, ok := errors.AsType[*closeError](context.Cause(ctx)); ok {
		closeWith(conn, end.status, end.why)
	}
	return nil
}

// closeError says with which status and words a WebSocket is to be closed.
type closeError struct {
	status websocket.StatusCode
	why    string
}

func (e *closeError) Error() string { return e.why }

// closeWith closes conn with a reason, of which a frame takes 123 bytes.
func closeWith(conn *websocket.Conn, status websocket.StatusCode, why string) {
	const whyBytesMax = 123
	if len(why) > whyBytesMax {
		why = strings.ToValidUTF8(why[:whyBytesMax], "")
	}
	_ = conn.Close(status, why) // who has gone need not be told
}

// listenForEnd answers pings until the client goes, and returns why it listens no more: on these WebSockets a client has only to
// listen.
func listenForEnd(ctx context.Context, conn *websocket.Conn) error {
	_, _, err := conn.Read(ctx) // 32 KiB at most, by default
	if err == nil {
		return &closeError{status: websocket.StatusPolicyViolation, why: "this route only sends"}
	}
	return err
}

// ping finds out whether the client is still there.
func ping(ctx context.Context, conn *websocket.Conn, p pace) error {
	ctx, cancel := context.WithTimeout(ctx, p.writeMax)
	defer cancel()
	return conn.Ping(ctx)
}

// checkSocketRequest refuses what cannot or must not become a WebSocket. A browser sends cookies and certificates along with a WebSocket
// that any page opens, and does not ask the server before: so a page of another origin is refused here.
func checkSocketRequest(r *request) error {
	if r.w == nil {
		return &unsupportedError{what: r.path + " inside multi_get", hint: "open a WebSocket of its own"}
	}
	if upgrade := first(r.header["Upgrade"]); !strings.EqualFold(upgrade, "websocket") || r.method != http.MethodGet {
		return &invalidError{what: "header Upgrade", value: upgrade, want: "websocket: this route is a WebSocket"}
	}
	origin := first(r.header["Origin"])
	if origin == "" {
		return nil // no browser
	}
	if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.http.Host) {
		return &originError{origin: origin, host: r.http.Host}
	}
	return nil
}

// originError reports a WebSocket that a page of another server asked for.
type originError struct{ origin, host string }

func (e *originError) Kind() fault.Kind { return fault.Forbidden }

func (e *originError) Error() string {
	return fmt.Sprintf("a page of %q may not open a WebSocket of %q", e.origin, e.host)
}

// socketsBusyError reports that no more WebSockets are served at the moment.
type socketsBusyError struct{ open int }

func (e *socketsBusyError) Kind() fault.Kind { return fault.Unavailable }

func (e *socketsBusyError) Error() string {
	return fmt.Sprintf("%d WebSockets are open, all that are served at a time", e.open)
}
