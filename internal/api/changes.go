package api

import (
	"context"
	"time"

	"github.com/coder/websocket"

	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/operation"
)

// getChanges is a WebSocket on which a client says what it watches, and is told of it.
func (h *handler) getChanges(r *request) error {
	f := changesFeed{
		db: r.db, operations: h.server.Operations(), pace: h.pace, subscription: changes.NewSubscription(),
		message: request{reply: &reply{}, header: r.header},
	}
	return h.webSocket(r, f.listen, f.run)
}

// changesFeed is one client that watches a database. What it has to be told is queued in its subscription by whoever causes it.
type changesFeed struct {
	db           *database.DB
	operations   *operation.Registry
	pace         pace
	subscription *changes.Subscription
	list         []changes.Change // reused
	message      request          // reused; its reply is the message, its header that of the client
}

// run sends until the client goes, is too slow, or the database is closed. Nothing was confirmed before it joins, so nothing is
// missed.
func (f *changesFeed) run(ctx context.Context, conn *websocket.Conn) {
	f.db.Changes().Join(f.subscription)
	defer f.db.Changes().Leave(f.subscription)
	leave := f.operations.Join(f.db.Name(), f.subscription)
	defer leave()
	progress, pings := time.NewTicker(f.pace.batchEvery), time.NewTicker(f.pace.pingEvery)
	defer progress.Stop()
	defer pings.Stop()
	for {
		var err error
		select {
		case <-f.subscription.Ready():
			err = f.sendNew(ctx, conn)
		case <-progress.C:
			err = f.sendProgress(ctx, conn)
		case <-pings.C:
			err = ping(ctx, conn, f.pace)
		case <-f.db.Closing():
			_ = f.sendNew(ctx, conn)
			closeWith(conn, websocket.StatusGoingAway, "the database is being closed")
			return
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// sendNew sends all that waits. A client that was too slow is told so, and gets no more.
func (f *changesFeed) sendNew(ctx context.Context, conn *websocket.Conn) error {
	for {
		list, err := f.subscription.Take(f.list)
		if err != nil {
			closeWith(conn, websocket.StatusTryAgainLater, err.Error())
			return err
		}
		f.list = list
		if len(list) == 0 {
			return nil
		}
		if err := f.send(ctx, conn, list); err != nil {
			return err
		}
	}
}

// send sends list in as many messages as it takes.
func (f *changesFeed) send(ctx context.Context, conn *websocket.Conn, list []changes.Change) error {
	f.message.reset()
	for _, c := range list {
		if err := f.append(c); err != nil {
			return err
		}
		if len(f.message.body) >= changesBytes {
			if err := f.flush(ctx, conn); err != nil {
				return err
			}
		}
	}
	return f.flush(ctx, conn)
}

// flush sends the message that is being made, unless it is empty.
func (f *changesFeed) flush(ctx context.Context, conn *websocket.Conn) error {
	if len(f.message.body) == 0 {
		return nil
	}
	f.message.str(`]`)
	err := write(ctx, conn, f.message.body, f.pace)
	f.message.reset()
	return err
}

// sendProgress tells how the operations stand that the client watches.
func (f *changesFeed) sendProgress(ctx context.Context, conn *websocket.Conn) error {
	if !f.subscription.WatchesOperations() {
		return nil
	}
	f.message.reset()
	for _, s := range f.operations.List(f.db.Name()) {
		if s.State != operation.InProgress || !f.subscription.WatchesOperation(int64(s.ID)) {
			continue
		}
		if err := f.appendOperation(s); err != nil {
			return err
		}
	}
	return f.flush(ctx, conn)
}
