package api

import (
	"context"
	"time"

	"github.com/coder/websocket"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

// pace is how a feed goes.
type pace struct {
	batchEvery time.Duration // between two messages with events
	pingEvery  time.Duration // between two signs of life: a message, perhaps without events, and a ping
	writeMax   time.Duration // a client that takes longer to take a message, or to answer a ping, is dropped
}

// livePace shows events within half a second, which is at once to somebody who watches, in messages that are worth their cost.
var livePace = pace{batchEvery: 500 * time.Millisecond, pingEvery: 5 * time.Second, writeMax: 5 * time.Second}

// getLiveIOMetrics feeds a WebSocket with the events of a database's environments: first those that are remembered, then new
// ones as they come.
//
// A feed asks the recorders; they do not know of it. So a slow client holds up nobody, and is told how many events it missed.
func (h *handler) getLiveIOMetrics(r *request) error {
	db, pace := r.db, h.pace
	return h.webSocket(r, listenForEnd, func(ctx context.Context, conn *websocket.Conn) {
		feed := ioFeed{db: db, seen: map[*iometrics.Recorder]uint64{}}
		feed.run(ctx, conn, pace)
	})
}

// ioFeed is what one client has been told.
type ioFeed struct {
	db      *database.DB
	seen    map[*iometrics.Recorder]uint64 // the sequence of the last event that was sent
	events  []iometrics.Event              // reused
	message reply                          // reused
}

// run sends until the client goes, is too slow, or the database is closed.
func (f *ioFeed) run(ctx context.Context, conn *websocket.Conn, p pace) {
	batches, pings := time.NewTicker(p.batchEvery), time.NewTicker(p.pingEvery)
	defer batches.Stop()
	defer pings.Stop()
	for {
		if err := f.sendNew(ctx, conn, p); err != nil {
			return
		}
		select {
		case <-batches.C:
		case <-pings.C:
			if err := f.signOfLife(ctx, conn, p); err != nil {
				return
			}
		case <-f.db.Closing():
			_ = conn.Close(websocket.StatusGoingAway, "the database is being closed")
			return
		case <-ctx.Done():
			return
		}
	}
}

// sendNew sends all events that the client does not have, in as many messages as it takes.
func (f *ioFeed) sendNew(ctx context.Context, conn *websocket.Conn, p pace) error {
	for f.collect(false) {
		if err := write(ctx, conn, f.message.body, p); err != nil {
			return err
		}
	}
	return nil
}

// collect makes a message of the next events; false when there are none. It tells of environments without events, too, when quiet is
// set: what hangs leaves none.
func (f *ioFeed) collect(quiet bool) (some bool) {
	seen := make(map[*iometrics.Recorder]uint64, len(f.seen)) // anew, so that environments that are gone are forgotten
	f.message.reset()
	f.message.str(`{"Environments":[`)
	count := 0
	for _, env := range f.db.Environments() {
		after := f.seen[env.IO]
		events, lost := env.IO.Since(after, feedEventsMax, f.events[:0])
		f.events = events
		seen[env.IO] = after + lost + uint64(len(events))
		some = some || len(events) > 0
		if len(events) == 0 && !quiet {
			continue
		}
		f.message.comma(count)
		count++
		f.message.environmentHead(env)
		f.message.member(`,"Lost":`, int64(lost))
		f.message.ioRunning(env.IO.Running())
		f.message.str(`,"Events":`)
		f.message.ioEvents(events)
		f.message.str(`}`)
	}
	f.message.str(`]}`)
	f.seen = seen
	return some
}

// signOfLife tells the client what is running, if there is nothing else, and finds out whether it is still there.
func (f *ioFeed) signOfLife(ctx context.Context, conn *websocket.Conn, p pace) error {
	f.collect(true)
	if err := write(ctx, conn, f.message.body, p); err != nil {
		return err
	}
	return ping(ctx, conn, p)
}

// write sends one message, also when ctx ends meanwhile: a message that is broken off takes the connection with it, and with that the
// reason that the client is to be told.
func write(ctx context.Context, conn *websocket.Conn, text []byte, p pace) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.writeMax)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, text)
}
