package api

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/storage"
)

// getPerfMetrics answers with the figures of a database's transactions, and of the batches of commands that they carried.
func (h *handler) getPerfMetrics(r *request) error {
	s, err := r.db.Stats()
	if err != nil {
		return err
	}
	b := r.db.Batches()
	r.member(`{"Transactions":{"Count":`, int64(s.Storage.Commits))
	r.member(`,"Size":`, s.Storage.JournaledBytes)
	r.member(`},"Queue":{"Waiting":`, int64(s.WritesQueued))
	r.member(`},"Batches":{"Count":`, int64(b.Count))
	r.member(`,"Commands":`, int64(b.Commands))
	r.member(`,"Refused":`, int64(b.Refused))
	r.member(`,"LargestBatch":`, int64(b.Largest))
	r.member(`,"Size":`, b.Bytes)
	r.durations(b.Time, b.Longest, b.Count)
	r.histogram(&b.Histogram)
	r.str(`,"Recent":[`)
	for i, run := range b.Recent {
		r.comma(i)
		r.time(`{"Start":`, run.Start)
		r.duration(`,"Duration":`, run.Duration)
		r.member(`,"Commands":`, int64(run.Commands))
		r.member(`,"Refused":`, int64(run.Refused))
		r.member(`,"Size":`, int64(run.Bytes))
		r.str(`}`)
	}
	r.str(`]}}`)
	return nil
}

// getTransactionInfo answers with the transactions that are open in the environments of a database.
func (h *handler) getTransactionInfo(r *request) error {
	r.str(`{"Environments":[`)
	for i, env := range r.db.Environments() {
		r.comma(i)
		r.environmentHead(env)
		r.str(`,"Transactions":[`)
		for i, tx := range env.Transactions() {
			r.comma(i)
			r.transaction(tx)
		}
		r.str(`]}`)
	}
	r.str(`]}`)
	return nil
}

func (r *reply) transaction(tx storage.Transaction) {
	r.str(`{"Kind":`)
	r.quote(tx.Kind.String())
	r.member(`,"Id":`, int64(tx.ID))
	r.member(`,"Count":`, tx.Count)
	r.duration(`,"Age":`, tx.OldestAge)
	r.duration(`,"ReplacedAge":`, tx.ReplacedAge)
	r.member(`,"PagesHeld":`, int64(tx.PagesHeld))
	r.str(`}`)
}

// getPerformanceHints answers with what an operator should look into: for each environment whose disk was slow one hint.
func (h *handler) getPerformanceHints(r *request) error {
	r.str(`{"Results":[`)
	hints := 0
	for _, env := range r.db.Environments() {
		slow := env.IO.SlowCount()
		if slow == 0 {
			continue
		}
		r.comma(hints)
		hints++
		r.str(`{"Type":"SlowIO","Title":"The disk is slow","Message":`)
		r.quote(fmt.Sprintf("%d writes or syncs took longer than %v since the database was opened. Commits wait for the disk; look for what else "+
			"uses it, and whether it is failing.", slow, env.IO.SlowAfter()))
		r.str(`,"Database":`)
		r.quote(r.db.Name())
		r.str(`,"Environment":`)
		r.quote(env.Name)
		r.member(`,"Count":`, int64(slow))
		r.ioRunning(env.IO.Running())
		r.str(`,"Recent":`)
		r.ioEvents(env.IO.Slow())
		r.str(`}`)
	}
	r.member(`],"TotalResults":`, int64(hints))
	r.str(`}`)
	return nil
}
