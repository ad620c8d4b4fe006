package workload

import (
	"fmt"
	"os"
	"path/filepath"
)

// Engine is a storage engine under measurement.
//
// Commit is called by one goroutine at a time; Get and Scan by many, beside Commit.
type Engine interface {
	// Commit stores rows, all or none, durably: when it returns they survive a power cut. Rows belong to the caller.
	Commit(rows []Row) error
	// Get opens a snapshot, calls found with the value of key as it lies in the engine, and closes the snapshot.
	Get(key []byte, found func(value []byte)) error
	// Scan calls each with every row in the order of keys, within one snapshot.
	Scan(each func(key, value []byte)) error
	// Settle writes what is still owed to the data files, so that it can be counted.
	Settle() error
	Close() error
}

// AheadEngine is an Engine that can run the next commit while one is on its way to the disk.
type AheadEngine interface {
	Engine
	// CommitAhead is Commit without waiting until rows are durable: wait does that. It may be called again before wait, and
	// waits itself while too much is on its way. Rows belong to the caller when it returns.
	CommitAhead(rows []Row) (wait func() error, err error)
}

// Row is one key with its document.
type Row struct {
	Key, Value []byte
}

// Names of the workloads on engines.
const (
	Bulk    = "bulk"     // 1,000,000 documents in batches of 1,000, each durable
	Read1   = "read/1"   // reads of random keys, each in a snapshot of its own, by one goroutine
	Read8   = "read/8"   // the same by eight
	Scan    = "scan"     // all rows in order
	Put1    = "put/1"    // durable puts of new random keys, by one writer
	Put64   = "put/64"   // by 64 writers whose puts are joined into commits by one goroutine
	Put512  = "put/512"  // by 512
	Bytes64 = "bytes/64" // bytes sent to the disk for each put of put/64, write-back included
)

// engineWorkloads are the names in the order in which a round runs them: puts come into a database that is full.
func engineWorkloads() []string {
	return []string{Bulk, Read1, Read8, Scan, Put1, Put64, Bytes64, Put512}
}

// RunEngine measures the engine that open makes in an empty folder, and returns a Result for each workload.
//
// Each round has a folder of its own: load, read, scan, then put. Data is removed at the end.
func RunEngine(c *Config, subject string, open func(dir string) (Engine, error)) (_ []Result, err error) {
	if err := c.validate(engineWorkloads()); err != nil {
		return nil, err
	}
	dir, err := c.tempDir()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	PrintMachine(os.Stderr, dir)

	all := results{subject: subject}
	for round := range c.Rounds {
		data := filepath.Join(dir, fmt.Sprintf("round-%d", round+1))
		if err := engineRound(c, data, open, &all); err != nil {
			return nil, fmt.Errorf("%s, round %d: %w", subject, round+1, err)
		}
		if err := os.RemoveAll(data); err != nil {
			return nil, err
		}
	}
	return all.list, nil
}

// engineRound runs every wanted workload once.
func engineRound(c *Config, dir string, open func(string) (Engine, error), all *results) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	e, err := open(dir)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer func() {
		if closed := e.Close(); err == nil && closed != nil {
			err = fmt.Errorf("close: %w", closed)
		}
	}()
	r := &round{config: c, engine: e, documents: newDocuments(documentBytes), results: all}
	for _, step := range []func() error{r.bulk, r.reads, r.scan, r.puts} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// round is one pass over the workloads on one engine.
type round struct {
	config    *Config
	engine    Engine
	documents *documents
	results   *results
	loaded    uint64 // documents 0 to loaded-1 are stored by bulk
}

// add records a rate if its workload was asked for.
func (r *round) add(name, unit string, value float64) {
	if r.config.wants(name) {
		r.results.add(name, unit, value)
	}
}
