package storage

import (
	"errors"
	"fmt"
	"io"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Compaction makes a second environment beside one that nobody has open, and puts it in its place: files only grow, so
// that is how space comes back to the disk.
//
//	c, err := BeginCompaction(opts)  // opens the original, and an empty environment in the directory compact
//	…                                // the caller copies: see Copier
//	err = c.Seal(stop)               // makes the copy durable and checks all of it
//	result, err := c.Swap()          // from the marker on, the copy is what the directory stands for
//	err = c.Close()                  // removes the copy, unless it was swapped
//
// The directory stays locked throughout. Up to the marker, which Swap writes, an error, a crash or Close leaves the original as it
// was. It must be used by one goroutine at a time.
//
// The copy has an id of its own: journals of the one can never be taken for the other's, and in encrypted environments
// no key is used again for other bytes.
type Compaction struct {
	opts           Options // of the original
	lock           io.Closer
	source, target *Env // nil when closed
	before         int64
	sealed, moving bool
}

// CompactionResult says what a compaction gained.
type CompactionResult struct {
	BytesBefore, BytesAfter int64 // of all files of the environment, journals included
}

// BeginCompaction opens the environment of opts and creates the one that will replace it. What an earlier compaction left is
// finished or removed first. The copy gets the same options; Rand gives it its id.
//
// Errors are those of Open, and *MissingError.
func BeginCompaction(opts Options) (*Compaction, error) {
	opts = opts.withDefaults()
	invariant.Assert(opts.Rand != nil, "a compaction needs Rand")
	if opts.ReadOnly {
		return nil, &ReadOnlyError{Dir: opts.Dir}
	}
	if found, err := there(opts.FS, opts.path(dataName)); err != nil || !found {
		return nil, errors.Join(err, &MissingError{Dir: opts.Dir})
	}
	lock, err := opts.FS.Lock(opts.path(lockName))
	if err != nil {
		return nil, fmt.Errorf("compact environment %q: %w", opts.Dir, err)
	}
	opts.ManualFlush = true
	c := &Compaction{opts: opts, lock: lock}
	if err := c.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("compact environment %q: %w", opts.Dir, asDiskFull(err)), c.Close())
	}
	return c, nil
}

func (c *Compaction) open() (err error) {
	if c.source, err = openLocked(c.opts, keptLock{}); err != nil {
		return err
	}
	if c.before, err = envBytes(&c.opts); err != nil {
		return err
	}
	c.target, err = Open(c.targetOptions())
	return err
}

// keptLock is closed by an environment that does not own its lock.
type keptLock struct{}

// Close does nothing.
func (keptLock) Close() error { return nil }

func (c *Compaction) targetOptions() Options {
	opts := c.opts
	opts.Dir = c.opts.compactPath("")
	return opts
}

// Source is the original. The caller only reads it, and ends its transactions before Swap.
func (c *Compaction) Source() *Env { return c.source }

// Target is the copy, empty at first.
func (c *Compaction) Target() *Env { return c.target }

// BytesBefore is the length of all files of the original.
func (c *Compaction) BytesBefore() int64 { return c.before }

// Seal ends the writing of the copy: it is made durable, opened anew as after a restart, checked as a whole, and cut to the
// length that it needs. stop is asked before each page; an error from it is returned.
//
// *CopyError when the check finds anything.
func (c *Compaction) Seal(stop func() error) error {
	invariant.Assert(c.target != nil && !c.sealed, "compaction sealed twice, or closed")
	if err := c.closeTarget(); err != nil {
		return err
	}
	opts := c.targetOptions()
	if err := journal.RemoveSpares(c.journalFiles()); err != nil { // lest the next log begins in a large one
		return err
	}
	target, err := Open(opts)
	if err != nil {
		return err
	}
	c.target = target
	if err := checkAll(target, stop); err != nil {
		return err
	}
	pages := max(int64(target.chain.current.Load().nextPage), growPagesMin)
	if err := c.closeTarget(); err != nil {
		return err
	}
	if err := c.trim(pages); err != nil {
		return err
	}
	c.sealed = true
	return nil
}

func (c *Compaction) closeTarget() error {
	target := c.target
	c.target = nil
	return target.Close()
}

// checkAll is Check that can be stopped, and whose first problem is an error.
func checkAll(env *Env, stop func() error) error {
	tx, err := env.Read()
	if err != nil {
		return err
	}
	defer tx.Close()
	var stopped error
	pages := stoppable{pages: tx.distrustful(), stop: func() error { stopped = stop(); return stopped }}
	for problem := range checkThrough(tx, pages) {
		if stopped != nil {
			return stopped
		}
		return &CopyError{Name: problem.Name, Why: problem.Err.Error()}
	}
	return stopped
}

// stoppable asks before each page.
type stoppable struct {
	pages btree.Reader
	stop  func() error
}

// Page implements btree.Reader.
func (s stoppable) Page(no PageNo) ([]byte, error) {
	if err := s.stop(); err != nil {
		return nil, err
	}
	return s.pages.Page(no)
}

// Mark implements page.Scope, if the pages do.
func (s stoppable) Mark() int {
	if scope, ok := s.pages.(page.Scope); ok {
		return scope.Mark()
	}
	return 0
}

// Release implements page.Scope, if the pages do.
func (s stoppable) Release(mark int) {
	if scope, ok := s.pages.(page.Scope); ok {
		scope.Release(mark)
	}
}

func (c *Compaction) journalFiles() (vfs.FS, string) {
	opts := c.targetOptions()
	return opts.FS, opts.journalDir()
}

// trim cuts the copy's data file to so many pages, removes what is of use only while pages are written, and makes all names
// durable.
func (c *Compaction) trim(pages int64) error {
	opts := c.targetOptions()
	if err := journal.RemoveSpares(c.journalFiles()); err != nil {
		return err
	}
	if err := removeImages(&opts); err != nil {
		return err
	}
	if err := cut(opts.FS, opts.path(dataName), pages*pageBytes); err != nil {
		return fmt.Errorf("cut data file: %w", err)
	}
	for _, dir := range []string{opts.journalDir(), opts.Dir, c.opts.Dir} {
		if err := opts.FS.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// cut makes a file durably so long, if it is longer.
func cut(fsys vfs.FS, name string, length int64) (err error) {
	f, err := fsys.Open(name, vfs.Write)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Size()
	if err != nil || size <= length {
		return err
	}
	if err := f.Truncate(length); err != nil {
		return err
	}
	return f.Sync()
}

// Swap puts the sealed copy in the place of the original. No transaction of the source may be open.
//
// When it fails, the directory stands for the original or for the copy, which are equal; the next Open settles which.
func (c *Compaction) Swap() (CompactionResult, error) {
	invariant.Assert(c.sealed && c.source != nil, "compaction swapped before it was sealed, or after it was closed")
	marker, err := c.marker()
	if err != nil {
		return CompactionResult{}, err
	}
	if err := writeSwap(&c.opts, marker); err != nil {
		return CompactionResult{}, fmt.Errorf("mark the compacted environment as complete: %w", asDiskFull(err))
	}
	c.moving = true
	if err := finishSwap(&c.opts, marker); err != nil {
		return CompactionResult{}, fmt.Errorf("%w; the next open goes on with it", asDiskFull(err))
	}
	after, err := envBytes(&c.opts)
	return CompactionResult{BytesBefore: c.before, BytesAfter: after}, err
}

// marker closes the original and says which two environments are there.
func (c *Compaction) marker() (m swapMarker, err error) {
	if n := c.source.chain.readerCount(); n > 0 {
		invariant.Assert(false, "%d transactions read the original while it is replaced", n)
	}
	if err := c.source.Failed(); err != nil { // damage was met: what was copied is not all of it
		return m, err
	}
	source := c.source
	c.source = nil
	if err := source.Close(); err != nil {
		return m, err
	}
	old, err := headerOf(c.opts, c.opts.Dir)
	if err != nil {
		return m, err
	}
	replacement, err := headerOf(c.opts, c.opts.compactPath(""))
	return swapMarker{old: old.env, new: replacement.env, sequence: old.sequence}, err
}

// Close closes what is open, removes the copy unless Swap has begun to put it in place, and unlocks the directory. Idempotent.
func (c *Compaction) Close() error {
	if c.lock == nil {
		return nil
	}
	var err error
	if c.target != nil {
		err = c.target.abort()
	}
	if c.source != nil {
		err = errors.Join(err, c.source.Close())
	}
	if !c.moving {
		err = errors.Join(err, dropCompact(&c.opts))
	}
	err = errors.Join(err, c.lock.Close())
	c.source, c.target, c.lock = nil, nil, nil
	return err
}

// abort closes an environment that is going to be removed: nothing is flushed.
func (e *Env) abort() error {
	e.failure.CompareAndSwap(nil, &FailedError{Dir: e.opts.Dir, Err: errAborted}) // not by fail: nobody has to hear of it
	return e.Close()
}

var errAborted = errors.New("the copy is given up")
