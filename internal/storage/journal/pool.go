package journal

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rookerydb/rookery/internal/vfs"
)

// pool owns the files of a log: those in use, the next one, and spares.
//
// The next file is made while commits still go to the current one. Whoever makes it has making set; others wait on
// changed. No file operation runs under mu.
type pool struct {
	opts Options

	wantsNext atomic.Bool // for a look without mu after each commit

	mu        sync.Mutex
	changed   *sync.Cond // next or making changed
	files     []file     // in use, by number; the last is the current one
	spares    []file
	next      *ready
	making    bool
	lastName  uint64 // the highest number that a file has or had
	madeBytes int64  // of zeros written to new files
	recycled  uint64 // files taken from spares
	rotations uint64
}

// ready is a file that can take records: all its blocks were written, and its name is durable.
type ready struct {
	file
	handle vfs.File
}

// newPool takes over what lies in the directory, all of it as files that may be retired. It removes what a crash left half made.
func newPool(opts Options) (*pool, error) {
	found, err := list(opts.FS, opts.Dir)
	if err != nil {
		return nil, err
	}
	for _, name := range found.rest {
		if err := opts.FS.Remove(opts.path(name)); err != nil {
			return nil, fmt.Errorf("remove half made journal: %w", err)
		}
	}
	p := &pool{opts: opts, files: found.journals, spares: found.spares}
	p.changed = sync.NewCond(&p.mu)
	for _, f := range slices.Concat(found.journals, found.spares) {
		p.lastName = max(p.lastName, f.Number)
	}
	return p, nil
}

// take returns the next file, made now when there is none with room for need bytes.
func (p *pool) take(need int64) (*ready, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waitMakingLocked()
	if p.next != nil && p.next.SizeBytes < need {
		if err := p.setAsideLocked(); err != nil {
			return nil, err
		}
	}
	if p.next == nil {
		if err := p.makeLocked(need); err != nil {
			return nil, err
		}
	}
	taken := p.next
	p.next = nil
	p.wantsNext.Store(true)
	p.files = append(p.files, taken.file)
	p.rotations++
	return taken, nil
}

// prepare makes the next file unless there is one, or somebody is at it.
func (p *pool) prepare() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next != nil || p.making {
		return nil
	}
	return p.makeLocked(0)
}

func (p *pool) waitMakingLocked() {
	for p.making {
		p.changed.Wait()
	}
}

// setAsideLocked drops a next file that is too small for a large record; it never held one, and is retired like others.
func (p *pool) setAsideLocked() error {
	small := p.next
	p.next = nil
	p.files = append(p.files, small.file)
	return small.handle.Close()
}

// makeLocked makes the next file with room for need bytes, from a spare when one is large enough. It unlocks mu meanwhile.
func (p *pool) makeLocked(need int64) error {
	size := p.nextSizeLocked(need)
	p.lastName++
	number := p.lastName
	spare, found := p.takeSpareLocked(size, need)
	p.making = true
	p.mu.Unlock()
	made, err := p.makeFile(number, size, spare, found)
	if least := p.leastSize(need); errors.Is(err, vfs.ErrNoSpace) && size > least && !found {
		made, err = p.makeFile(number, least, spare, found) // a small file is better than none
	}
	p.mu.Lock()
	p.making = false
	p.changed.Broadcast()
	if err != nil {
		return err
	}
	p.next = made
	p.wantsNext.Store(false)
	if found {
		p.recycled++
	} else {
		p.madeBytes += made.SizeBytes
	}
	return nil
}

// nextSizeLocked doubles the size of the current file, within the bounds; a record larger than BytesMax gets its own size.
func (p *pool) nextSizeLocked(need int64) int64 {
	size := p.opts.BytesMin
	if n := len(p.files); n > 0 && p.rotations > 0 {
		size = min(2*p.files[n-1].SizeBytes, p.opts.BytesMax)
	}
	return max(size, p.leastSize(need))
}

// leastSize is the smallest file for a record of need bytes.
func (p *pool) leastSize(need int64) int64 {
	size := p.opts.BytesMin
	for size < need {
		size *= 2
	}
	return size
}

// takeSpareLocked takes the largest spare with room for need bytes, unless it is far from the wanted size: files stop
// growing while spares serve, because filling a file with zeros costs as much as the records that will go there.
func (p *pool) takeSpareLocked(size, need int64) (file, bool) {
	best := -1
	for i, s := range p.spares {
		if s.SizeBytes >= max(need, size/4) && (best < 0 || s.SizeBytes > p.spares[best].SizeBytes) {
			best = i
		}
	}
	if best < 0 {
		return file{}, false
	}
	spare := p.spares[best]
	p.spares = slices.Delete(p.spares, best, best+1)
	return spare, true
}

func (p *pool) makeFile(number uint64, size int64, spare file, recycle bool) (*ready, error) {
	name := p.opts.path(fileName(number))
	from := p.opts.path(makingName)
	if recycle {
		from, size = p.opts.path(spareName(spare.Number)), spare.SizeBytes
	} else if err := p.fill(from, size); err != nil {
		return nil, fmt.Errorf("make journal %d: %w", number, errors.Join(err, p.removeIfThere(from)))
	}
	if err := p.opts.FS.Rename(from, name); err != nil {
		if recycle {
			p.putBack(&p.spares, spare)
		}
		return nil, fmt.Errorf("name journal %d: %w", number, err)
	}
	if err := p.opts.FS.SyncDir(p.opts.Dir); err != nil {
		err = fmt.Errorf("sync the journal directory: %w", err) // for good, even when the disk is full: the name may be lost
		return nil, &WriteError{At: Position{Journal: number}, Err: err}
	}
	handle, err := p.opts.FS.Open(name, vfs.Write|vfs.WriteThrough)
	if err != nil {
		return nil, fmt.Errorf("open journal %d: %w", number, err)
	}
	return &ready{file: file{Number: number, SizeBytes: size}, handle: handle}, nil
}

// fill makes a file of zeros whose blocks have all been written: a write into merely reserved blocks costs twice as much.
func (p *pool) fill(name string, size int64) (err error) {
	f, err := p.opts.FS.Open(name, vfs.Write|vfs.Create)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Allocate(0, size); err != nil {
		return err
	}
	zeros := make([]byte, min(size, fillBytes))
	for off := int64(0); off < size; off += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(size-off, int64(len(zeros)))], off); err != nil {
			return err
		}
	}
	return f.Sync()
}

func (p *pool) removeIfThere(name string) error {
	if _, err := p.opts.FS.Stat(name); err != nil {
		return nil
	}
	return p.opts.FS.Remove(name)
}

// retire turns the files below before into spares: the largest that there is room for; others are removed.
func (p *pool) retire(before uint64) error {
	for {
		used, keep, ok := p.takeUsed(before)
		if !ok {
			return nil
		}
		if err := p.putAway(used, keep); err != nil {
			return err
		}
	}
}

// takeUsed takes the first file below before out of the list, and says whether it is worth keeping.
func (p *pool) takeUsed(before uint64) (used file, keep, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.files) == 0 || p.files[0].Number >= before {
		return file{}, false, false
	}
	used = p.files[0]
	p.files = slices.Delete(p.files, 0, 1)
	keep = len(p.spares) < SparesMax || p.smallestSpareLocked() < used.SizeBytes
	return used, keep && used.SizeBytes <= p.opts.BytesMax, true // a huge record's file would hold disk space for good
}

func (p *pool) smallestSpareLocked() int64 {
	smallest := p.spares[0].SizeBytes
	for _, s := range p.spares[1:] {
		smallest = min(smallest, s.SizeBytes)
	}
	return smallest
}

// putAway renames used to a spare, in place of the smallest one when there are enough, or removes it.
func (p *pool) putAway(used file, keep bool) error {
	name := p.opts.path(fileName(used.Number))
	if !keep {
		if err := p.opts.FS.Remove(name); err != nil {
			p.putBack(&p.files, used)
			return fmt.Errorf("remove used journal %d: %w", used.Number, err)
		}
		return nil
	}
	if err := p.opts.FS.Rename(name, p.opts.path(spareName(used.Number))); err != nil {
		p.putBack(&p.files, used)
		return fmt.Errorf("keep used journal %d: %w", used.Number, err)
	}
	p.mu.Lock()
	p.spares = append(p.spares, used)
	dropped, drop := p.takeSurplusLocked()
	p.mu.Unlock()
	if !drop {
		return nil
	}
	if err := p.opts.FS.Remove(p.opts.path(spareName(dropped.Number))); err != nil {
		return fmt.Errorf("remove spare journal %d: %w", dropped.Number, err)
	}
	return nil
}

// putBack makes f the first of files again, after an operation that did nothing: it may be tried again.
func (p *pool) putBack(files *[]file, f file) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*files = slices.Insert(*files, 0, f)
}

// takeSurplusLocked takes the smallest spare when there are more than SparesMax.
func (p *pool) takeSurplusLocked() (file, bool) {
	if len(p.spares) <= SparesMax {
		return file{}, false
	}
	smallest := 0
	for i, s := range p.spares {
		if s.SizeBytes < p.spares[smallest].SizeBytes {
			smallest = i
		}
	}
	dropped := p.spares[smallest]
	p.spares = slices.Delete(p.spares, smallest, smallest+1)
	return dropped, true
}

// close closes the next file; it stays in the directory and is found at the next open.
func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waitMakingLocked()
	if p.next == nil {
		return nil
	}
	next := p.next
	p.next = nil
	return next.handle.Close()
}
