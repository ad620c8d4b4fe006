package workload

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
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
	// CommitAhead commits rows of puts, at least those of one Take, and does not wait until they are durable: wait does that. It is
	// called by one goroutine at a time, again before wait, and waits itself while too much is on its way.
	CommitAhead(puts Puts) (wait func() error, err error)
}

// Puts are what writers wait for.
type Puts interface {
	// Take takes up to so many rows into the commit, none when there are none. They are valid until the next call.
	Take(count int) []Row
	// Waiting is how many could be taken.
	Waiting() int
	// Await returns when one waits, or when ready is true; that is asked again after each commit that became durable.
	Await(ready func() bool)
}

// Opener is an engine that can say what a read transaction costs.
type Opener interface {
	// OpenRead opens a read transaction and closes it again.
	OpenRead() error
}

// Separate is an engine that keeps its data and its journals in different files.
type Separate interface {
	// DataFiles returns the files with the data.
	DataFiles() []string
}

// Checker is an engine that can prove what it holds.
type Checker interface {
	// Check reads everything that is stored, verifies it, and returns how many bytes that were.
	Check() (bytes int64, err error)
}

// Recoverer is an engine that can say how fast it takes over what only its journal has.
type Recoverer interface {
	// Recover lets fill store rows in a database in dir, as if the power failed after it, and opens that database
	// again: bytes of journal in so much time.
	Recover(dir string, fill func(commit func(rows []Row) error) error) (bytes int64, took time.Duration, err error)
}

// Row is one key with its document.
type Row struct {
	Key, Value []byte
}

// Names of the workloads on engines.
const (
	Bulk        = "bulk"           // 1,000,000 documents in batches of 1,000, each durable; keys in no order
	WrittenBulk = "written/bulk"   // bytes that bulk sent to the disk, write-back included, for each byte of documents
	FileLoad    = "file/load"      // bytes that the data takes on the disk after bulk, for each byte of documents
	DiskLoad    = "disk/load"      // the same with journals and files that wait to be used again
	BulkInOrder = "bulk/ascending" // bulk with ascending keys, into a database of its own
	Read1       = "read/1"         // reads of random keys, each in a snapshot of its own, by one goroutine
	Read8       = "read/8"         // the same by eight
	Scan        = "scan"           // all rows in order
	Open1       = "open/1"         // nanoseconds to open and close a read transaction, in one goroutine
	Open64      = "open/64"        // the same beside 63 others, for each processor
	OpenAllocs  = "open/allocs"    // allocations of that
	Check       = "check"          // megabytes a second of the data file that a check proves, by one goroutine
	Recovery    = "recovery"       // megabytes a second of journal that opening after a crash takes over
	Put1        = "put/1"          // durable puts of new random keys, by one writer
	Put64       = "put/64"         // by 64 writers whose puts are joined into commits by one goroutine
	Put512      = "put/512"        // by 512
	P99Put64    = "p99/64"         // milliseconds under which 99 of 100 puts of put/64 are done
	Bytes64     = "bytes/64"       // bytes sent to the disk for each put of put/64, write-back included
	Memory      = "memory"         // most anonymous memory that the process had in the round, in megabytes
)

// engineWorkloads are the names in the order in which a round runs them: puts come into a database that is full.
func engineWorkloads() []string {
	return []string{
		Bulk, WrittenBulk, FileLoad, DiskLoad, Open1, Open64, OpenAllocs, Read1, Read8, Scan, Check,
		Put1, Put64, P99Put64, Bytes64, Put512, Memory, BulkInOrder, Recovery,
	}
}

// IsEngineWorkload tells whether name is a workload on engines.
func IsEngineWorkload(name string) bool { return slices.Contains(engineWorkloads(), name) }

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
	for n := range c.Rounds {
		r := &round{config: c, open: open, documents: newDocuments(documentBytes), results: &all}
		data := filepath.Join(dir, fmt.Sprintf("round-%d", n+1))
		if err := r.run(data); err != nil {
			return nil, fmt.Errorf("%s, round %d: %w", subject, n+1, err)
		}
		if err := os.RemoveAll(data); err != nil {
			return nil, err
		}
	}
	return all.list, nil
}

// round is one pass over the workloads on one engine.
type round struct {
	config    *Config
	open      func(dir string) (Engine, error)
	engine    Engine
	dir       string // of engine
	documents *documents
	results   *results
	loaded    uint64 // documents 0 to loaded-1 are stored by bulk
}

// run runs every wanted workload once, below dir: most on one database, the others on databases of their own.
func (r *round) run(dir string) error {
	if r.config.wantsOtherThan(BulkInOrder, Recovery) {
		peak := watchMemory()
		err := r.on(filepath.Join(dir, "random"), r.bulk, r.disk, r.opens, r.reads, r.scan, r.check, r.puts)
		if bytes, ok := peak.stop(); ok && err == nil {
			r.add(Memory, "MB", float64(bytes)/1e6)
		}
		if err != nil {
			return err
		}
	}
	if r.config.wants(BulkInOrder) {
		if err := r.on(filepath.Join(dir, "ascending"), r.bulkInOrder); err != nil {
			return err
		}
	}
	if r.config.wants(Recovery) {
		return r.on(filepath.Join(dir, "recovery"), r.recovery)
	}
	return nil
}

// on takes the steps on an engine that is opened in dir for them.
func (r *round) on(dir string, steps ...func() error) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if r.engine, err = r.open(dir); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	r.dir, r.loaded = dir, 0
	defer func() {
		if closed := r.engine.Close(); err == nil && closed != nil {
			err = fmt.Errorf("close: %w", closed)
		}
	}()
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// add records a figure if its workload was asked for.
func (r *round) add(name, unit string, value float64) {
	if r.config.wants(name) {
		r.results.add(name, unit, value)
	}
}
