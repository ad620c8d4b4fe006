package storage

import (
	"fmt"
	"sync"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// frames are the pages of the data file that one transaction has read into memory of its own, where the file is not mapped
// or its pages are encrypted. They end with the transaction.
//
// A page that was asked for is held: its bytes stay where they are, for whoever got them. Held pages form a stack, so that
// a walk gives back what it looked at on its way down; see release. Pages given back stay as a cache, in which the one
// used longest ago makes room for others.
type frames struct {
	from *frameSource

	mu     sync.Mutex // guards what follows
	byPage map[PageNo]*frame
	stack  []*frame // held, in the order in which they were asked for
	bytes  int64    // of all
	// The cached ones, a ring through a head: cached.next was used last, cached.before longest ago.
	cached      frame
	cachedBytes int64
	keys        *crypt.Keys // opened with the first page, closed with the last; nil in a plain environment
}

// frame is one page, or one overflow run.
type frame struct {
	no           PageNo
	data         []byte
	held         bool
	next, before *frame
}

// frameSource is what all frames of an environment share.
type frameSource struct {
	memory      pageMemory
	vault       *vault // nil unless encrypted
	bytesMax    int64  // one transaction may hold
	cachedBytes int64  // one transaction may keep beside
	counts      *counts
}

// PagesHeldError reports a transaction that holds all the pages that it may. It can read on after ReadTx.Forget.
type PagesHeldError struct{ Bytes int64 }

// Kind is TooLarge.
func (*PagesHeldError) Kind() fault.Kind { return fault.TooLarge }

func (e *PagesHeldError) Error() string {
	return fmt.Sprintf("transaction holds %d bytes of pages, all it may at once", e.Bytes)
}

// page returns page no of v, or the overflow run that starts there; see fileView.page.
func (f *frames) page(v *fileView, no PageNo, newest TxID) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fr := f.byPage[no]
	if fr == nil {
		var err error
		if fr, err = f.load(v, no, newest); err != nil {
			return nil, err
		}
	}
	f.hold(fr)
	return fr.data, nil
}

// load reads a page that is not here.
func (f *frames) load(v *fileView, no PageNo, newest TxID) (*frame, error) {
	data, err := f.read(v, no)
	if err != nil {
		return nil, err
	}
	if err := checkAge(data, no, newest); err != nil {
		f.from.memory.give(data)
		return nil, err
	}
	fr := &frame{no: no, data: data}
	if f.byPage == nil {
		f.byPage = map[PageNo]*frame{}
	}
	f.byPage[no] = fr
	f.bytes += int64(len(data))
	f.from.counts.framesRead.Add(1)
	return fr, nil
}

// read returns the page in memory that is ours to give back, verified.
func (f *frames) read(v *fileView, no PageNo) ([]byte, error) {
	data, err := f.take(pageBytes)
	if err != nil {
		return nil, err
	}
	if data, err = f.fill(data, v, no); err == nil {
		if err = f.verify(data, no); err != nil {
			err = corruptPage(no, err)
		}
	}
	if err != nil {
		f.from.memory.give(data)
		return nil, err
	}
	return data, nil
}

// verify makes sure that data is page no as it was written, and decrypts it.
func (f *frames) verify(data []byte, no PageNo) error {
	v := f.from.vault
	if v == nil {
		return page.Verify(data, no)
	}
	if f.keys == nil {
		f.keys = v.open()
	}
	return f.keys.OpenPage(data, data, no)
}

// fill reads the page into data, or the whole run into larger memory in its place.
func (f *frames) fill(data []byte, v *fileView, no PageNo) ([]byte, error) {
	if err := v.read(data, no); err != nil {
		return data, err
	}
	if page.OverflowBytes(data) > page.OverflowBytesMax {
		return data, corruptPage(no, fmt.Errorf("a run of %d bytes", page.OverflowBytes(data)))
	}
	n := page.RunLen(data)
	if n == 1 {
		return data, nil
	}
	if int64(n) > v.pages-int64(no) {
		return data, corruptPage(no, fmt.Errorf("a run of %d pages, the file has %d", n, v.pages))
	}
	run, err := f.take(n * pageBytes)
	if err != nil {
		return data, err
	}
	copy(run, data)
	f.from.memory.give(data)
	return run, v.read(run[pageBytes:], no+1)
}

// take returns memory of n bytes, after cached pages made room for it.
func (f *frames) take(n int) ([]byte, error) {
	if held := f.bytes - f.cachedBytes; held+int64(n) > f.from.bytesMax {
		return nil, &PagesHeldError{Bytes: held}
	}
	f.trim(f.from.cachedBytes - int64(n))
	return f.from.memory.take(n)
}

// hold puts fr on the stack, unless it is there.
func (f *frames) hold(fr *frame) {
	if fr.held {
		return
	}
	if fr.next != nil {
		f.unlink(fr)
	}
	fr.held = true
	f.stack = append(f.stack, fr)
}

// mark returns the height of the stack of held pages, for release.
func (f *frames) mark() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.stack)
}

// release gives back the pages that were asked for since mark and were not held then: their bytes are invalid from now on.
func (f *frames) release(mark int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	invariant.Assert(mark <= len(f.stack), "pages released that were released before")
	for i, fr := range f.stack[mark:] {
		fr.held = false
		f.link(fr)
		f.stack[mark+i] = nil
	}
	f.stack = f.stack[:mark]
	f.trim(f.from.cachedBytes)
}

// heldBytes is how much is held.
func (f *frames) heldBytes() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bytes - f.cachedBytes
}

// trim gives cached pages away, those used longest ago first, until budget bytes at most are left.
func (f *frames) trim(budget int64) {
	for f.cachedBytes > max(budget, 0) {
		last := f.cached.before
		f.unlink(last)
		delete(f.byPage, last.no)
		f.bytes -= int64(len(last.data))
		f.from.memory.give(last.data)
	}
}

func (f *frames) link(fr *frame) {
	head := &f.cached
	if head.next == nil {
		head.next, head.before = head, head
	}
	fr.before, fr.next = head, head.next
	fr.before.next, fr.next.before = fr, fr
	f.cachedBytes += int64(len(fr.data))
}

func (f *frames) unlink(fr *frame) {
	fr.before.next, fr.next.before = fr.next, fr.before
	fr.next, fr.before = nil, nil
	f.cachedBytes -= int64(len(fr.data))
}

// drop ends all frames; what they held is invalid from now on. The frames can be used again.
func (f *frames) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keys != nil {
		f.keys = nil
		f.from.vault.close()
	}
	if f.bytes == 0 {
		return
	}
	for _, fr := range f.byPage {
		f.from.memory.give(fr.data)
	}
	clear(f.byPage)
	clear(f.stack)
	f.stack, f.bytes, f.cachedBytes = f.stack[:0], 0, 0
	f.cached = frame{}
	if cap(f.stack) > framesKeptMax {
		f.stack, f.byPage = nil, nil
	}
}
