package storage

import (
	"sync/atomic"
	"time"

	"github.com/rookerydb/rookery/internal/storage/journal"
)

// Stats counts what the environment holds and what it did since it was opened.
type Stats struct {
	Tx              TxID // the last committed transaction
	DataBytes       int64
	UsedPages       uint64 // numbers given out once, free ones among them
	Journals        journal.Stats
	UnflushedBytes  int64         // newest versions of pages that the data file does not have
	HeldBytes       int64         // all versions in memory, those for old readers too
	Readers         int64         // read transactions that are open
	OldestReaderAge time.Duration // how long ago the oldest snapshot that is read was replaced; 0 when it is the newest
	UnsyncedBytes   int64         // journal bytes since what the newest header has

	Commits, Flushes, Syncs    uint64
	CommitsAhead               uint64 // of transactions that ran on a state that was not durable yet
	JournaledBytes             int64  // written for records, with padding
	FlushedBytes, FlushedPages int64
	FlushTime, SyncTime        time.Duration // in all
	FilesGrown                 uint64
	FramesRead                 int64  // pages and runs that transactions read into memory, where the file is not mapped
	RecoveredRecords           int    // applied at open
	SlowIO                     uint64 // writes and syncs that took longer than Options.SlowIOAfter, or do so now; see IO
	RecoveredBytes             int64
	RecoverySpills             int // times that recovery wrote pages to the data file to save memory
}

// counts are the running totals.
type counts struct {
	commits, ahead, flushes, syncs atomic.Uint64
	journaledBytes                 atomic.Int64
	flushedBytes, flushedPages     atomic.Int64
	flushTime, syncTime            atomic.Int64
	dataPages, filesGrown          atomic.Int64
	recoveredRecords, recoverBytes int64 // set at open, as is spills
	spills                         int
	framesRead                     atomic.Int64
}

func (c *counts) flushed(written []*buffer, took time.Duration) {
	c.flushes.Add(1)
	c.flushTime.Add(int64(took))
	for _, b := range written {
		c.flushedBytes.Add(int64(len(b.data)))
		c.flushedPages.Add(int64(b.pages()))
	}
}

func (c *counts) synced(took time.Duration) {
	c.syncs.Add(1)
	c.syncTime.Add(int64(took))
}

// Stats may be called at any time; after Close it says what was counted until then.
func (e *Env) Stats() Stats {
	c := &e.counts
	s := Stats{
		HeldBytes: e.pool.heldBytes.Load(),
		DataBytes: c.dataPages.Load() * pageBytes, FilesGrown: uint64(c.filesGrown.Load()), SlowIO: e.io.SlowCount(),
		Commits: c.commits.Load(), CommitsAhead: c.ahead.Load(), Flushes: c.flushes.Load(), Syncs: c.syncs.Load(),
		JournaledBytes: c.journaledBytes.Load(), FlushedBytes: c.flushedBytes.Load(), FlushedPages: c.flushedPages.Load(),
		FlushTime: time.Duration(c.flushTime.Load()), SyncTime: time.Duration(c.syncTime.Load()),
		FramesRead:       c.framesRead.Load(),
		RecoveredRecords: int(c.recoveredRecords), RecoveredBytes: c.recoverBytes, RecoverySpills: c.spills,
	}
	if e.log != nil {
		s.Journals = e.log.Stats()
	}
	if snap := e.chain.current.Load(); snap != nil {
		s.Tx, s.UsedPages, s.UnflushedBytes = snap.tx, uint64(snap.nextPage), snap.tableBytes
		s.UnsyncedBytes = snap.volume - e.synced.Load().volume
	}
	s.Readers = e.chain.readerCount()
	s.OldestReaderAge, _ = e.chain.oldestReaderAge(e.opts.Now())
	return s
}

func (c *chain) readerCount() (n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := c.oldest; s != nil; s = s.newer {
		n += s.readers.Load()
	}
	return n
}
