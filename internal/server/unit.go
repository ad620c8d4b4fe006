package server

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/fault"
)

// unit brings one database of this node to where a record says it should be: open, closed, or gone. It does so once;
// when the record asks for something else, another unit follows it. Its fields are written before settled is closed,
// and read after it.
type unit struct {
	record *cluster.Database
	before *unit // does its part first, and leaves its database to this one to close; nil for the first

	again   bool         // the unit before has tried the same, and said so in the log
	offline *offlineWork // what to do with the closed database instead; nil for most
	settled chan struct{}
	ended   chan struct{} // closed when the next unit may go on; after settled, which work on a closed database closes first
	db      *database.DB  // open, or nil
	err     error         // why callers do not get a database; never nil when db is

	latest      atomic.Pointer[cluster.Database] // what the database is to do; record, or a later one with the same aim
	configuring sync.Mutex                       // held while it is told
}

// aim is what a record asks of a node. Units differ when their aims do.
type aim struct {
	id       string
	disabled bool
	deletion cluster.Deletion
}

func aimOf(d *cluster.Database) aim {
	return aim{id: d.ID, disabled: d.Disabled, deletion: d.Deletion}
}

func newUnit(record *cluster.Database, before *unit) *unit {
	u := &unit{record: record, before: before, again: before != nil && before.mayOpenLater(), settled: make(chan struct{}), ended: make(chan struct{})}
	u.latest.Store(record)
	return u
}

// mayOpenLater tells whether the unit has failed to open its database for a reason that may pass by itself.
func (u *unit) mayOpenLater() bool {
	select {
	case <-u.settled:
		failed, ok := errors.AsType[*DatabaseLoadError](u.err)
		return ok && fault.Of(failed.Cause) == fault.Unavailable
	default:
		return false
	}
}

// run does the unit's part. When ctx ends, it leaves the database closed, as it was.
func (u *unit) run(ctx context.Context, s *Server) {
	u.closeBefore(s)
	if u.offline != nil {
		u.workOffline(ctx, s)
		close(u.ended)
		s.ring()
		return
	}
	u.reach(ctx, s)
	u.tell(s) // before anybody writes
	close(u.settled)
	u.configure(s) // a record that came since found the unit at work
	close(u.ended)
}

// reach brings the database to where the record says.
func (u *unit) reach(ctx context.Context, s *Server) {
	switch {
	case ctx.Err() != nil:
		u.err = &ClosedError{}
	case u.record.Deletion != cluster.NotDeleting:
		u.err = &cluster.DatabaseMissingError{Name: u.record.Name}
		if err := u.remove(ctx, s); err != nil {
			u.err = &DatabaseEraseError{Name: u.record.Name, Cause: err}
			s.log.Error("database not removed", "db", u.record.Name, "err", err)
		}
	case u.record.Disabled:
		u.err = &DatabaseDisabledError{Name: u.record.Name}
	default:
		u.open(ctx, s)
	}
}

// closeBefore waits for the unit before this one and closes what it has opened.
func (u *unit) closeBefore(s *Server) {
	if u.before == nil {
		return
	}
	if work := u.before.offline; work != nil {
		work.cancel() // the record asks for something else, unless the work is done
	}
	<-u.before.ended
	u.before.closeDatabase(s)
	u.before = nil // it may be forgotten, with all before it
}

// closeDatabase closes what the settled unit has opened, if anything.
func (u *unit) closeDatabase(s *Server) {
	if u.db == nil {
		return
	}
	if err := u.db.Close(); err != nil {
		s.log.Error("database not closed cleanly", "db", u.record.Name, "err", err)
	}
}

// open opens the database, when its turn comes: only so many are opened at a time.
func (u *unit) open(ctx context.Context, s *Server) {
	select {
	case s.loads <- struct{}{}:
	case <-ctx.Done():
		u.err = &ClosedError{}
		return
	}
	defer func() { <-s.loads }()
	db, err := u.openDatabase(ctx, s)
	if err != nil {
		u.err = &DatabaseLoadError{Name: u.record.Name, Cause: err}
		if !u.again {
			s.log.Error("database not opened", "db", u.record.Name, "err", u.err)
		}
		return
	}
	u.db = db
}

// openDatabase opens the database with its key, if it is encrypted.
func (u *unit) openDatabase(ctx context.Context, s *Server) (*database.DB, error) {
	o, err := s.databaseOptions(ctx, u.record)
	if err != nil {
		return nil, err
	}
	db, err := database.Open(o)
	if err != nil {
		o.DestroyKey()
	}
	return db, err
}

// databaseOptions says how the database of record is opened on this node. Whoever opens nothing with them destroys the key.
func (s *Server) databaseOptions(ctx context.Context, record *cluster.Database) (database.Options, error) {
	encryption, err := s.encryption(ctx, record)
	if err != nil {
		return database.Options{}, err
	}
	return database.Options{
		Name: record.Name, Dir: s.layout.database(record.Name), FS: s.fs, NodeTag: s.cluster.Tag(), DatabaseID: record.ID,
		Now: s.now, Rand: s.newRand(), Logger: s.log, Encryption: encryption, BatchBytesMax: int(s.profile.BatchBytesMax),
		Storage: database.StorageOptions{
			CompressAboveBytes:   s.config.Storage.CompressAboveBytes,
			SyncEvery:            s.config.Storage.SyncEvery,
			SlowIOAfter:          s.config.Storage.SlowIOAfter,
			NoMapping:            s.config.Storage.NoMapping,
			FlushAboveBytes:      s.profile.FlushAboveBytes,
			MaxUnflushedBytes:    s.profile.MaxUnflushedBytes,
			PoolBytesMax:         s.profile.PoolBytesMax,
			TxPageBytesMax:       s.profile.TxPageBytesMax,
			PulseBytes:           s.profile.PulseBytes,
			IgnoreInvalidJournal: s.config.Storage.IgnoreInvalidJournal,
		},
	}, nil
}

// remove erases the files if the record says so, durably, and tells the cluster that nothing is left here. Doing it
// again, after a crash in between, does no harm.
func (u *unit) remove(ctx context.Context, s *Server) error {
	if u.record.Deletion == cluster.HardDelete {
		if err := s.erase(u.record.Name); err != nil {
			return err
		}
	}
	_, err := s.cluster.Propose(ctx, cluster.Proposal{Command: cluster.ConfirmDeletion{
		Name: u.record.Name, DatabaseID: u.record.ID, Tag: s.cluster.Tag(),
	}})
	if _, closed := errors.AsType[*cluster.ClosedError](err); closed || ctx.Err() != nil {
		return nil // the server stops; the next start does it again
	}
	return err
}

// status says how the unit's database is.
func (u *unit) status() DatabaseStatus {
	st := DatabaseStatus{Name: u.record.Name, Disabled: u.record.Disabled}
	select {
	case <-u.settled:
		st.Loaded = u.db != nil
		if !st.Loaded && !st.Disabled {
			st.Err = u.err
		}
		if st.Loaded {
			st.Err = u.db.Failed()
		}
	default:
	}
	return st
}
