package salvage

import (
	"fmt"
	"maps"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// overlay is the pages that journals hold: each in its newest version that could be proven.
//
// A page that is sound in the data file is where its records go on; those up to its own transaction are part of it. One that
// is not sound, such as one that was torn, takes all records: their ranges are absolute, so it does not matter which
// version, or which mixture of them, the file holds. A page is proven when its bytes have the hash that the record names. A page
// whose history has a gap is not proven by later records, unless they happen to say all that the lost one said; then the
// last version before the gap stays.
type overlay struct {
	base     baseFunc
	versions map[page.No]*version
	memory   int64 // bytes of pages in memory
	max      int64 // above which all of them go to temp
	temp     tempFile
	order    []page.No // of all versions, once finish was called
}

// baseFunc fills dst with the page or run no as the data file holds it, and says whether that is sound. What is not is there
// as it lies in the file, if it can be read.
type baseFunc func(no page.No, dst []byte) (sound bool)

// version is a page or run in the overlay.
type version struct {
	pages  int
	tx     uint64 // of the last record that changed it
	now    blob   // after all records so far; nowhere when finish found no proven version
	proven bool   // now has the hash that the last record names
	good   blob   // the last proven version when now is not
}

// blob is bytes in memory, in the temporary file, or nowhere.
type blob struct {
	bytes  []byte
	stored bool
	off    int64 // in the temporary file, if it ever was there
	length int
}

func (b *blob) exists() bool { return b.bytes != nil || b.stored }

// apply applies one record.
func (o *overlay) apply(record journal.Record) error {
	for payload := record.Payload; len(payload) > 0; {
		c, rest, err := journal.DecodeChange(payload)
		if err != nil {
			return err
		}
		if err := o.change(record, c); err != nil {
			return err
		}
		payload = rest
	}
	if o.memory > o.max {
		return o.spill()
	}
	return nil
}

func (o *overlay) change(record journal.Record, c journal.Change) error {
	if c.Page == 0 || c.Page >= record.NextPage || uint64(c.Pages) > record.NextPage-c.Page {
		return &journal.DecodeError{Reason: fmt.Sprintf("page %d lies outside of the file", c.Page)}
	}
	no := page.No(c.Page)
	if c.Kind == journal.Free {
		for i := range page.No(c.Pages) {
			o.drop(no + i)
		}
		return nil
	}
	v := o.versions[no]
	if v == nil || v.pages != c.Pages {
		o.drop(no)
		v = o.begin(no, c.Pages)
	}
	if v.proven && v.tx >= record.Tx {
		return nil // the data file had it
	}
	return o.advance(v, record.Tx, c)
}

// begin takes page no from the data file.
func (o *overlay) begin(no page.No, pages int) *version {
	v := &version{pages: pages, now: blob{bytes: make([]byte, pages*page.SizeBytes), length: pages * page.SizeBytes}}
	if v.proven = o.base(no, v.now.bytes); v.proven {
		v.tx = page.Tx(v.now.bytes)
	}
	clear(page.MAC(v.now.bytes))
	o.memory += int64(v.now.length)
	o.versions[no] = v
	return v
}

// advance brings v to its next version, and keeps the one before when that is proven and the next one is not.
func (o *overlay) advance(v *version, tx uint64, c journal.Change) error {
	next := make([]byte, v.pages*page.SizeBytes)
	if c.Kind != journal.New {
		if err := o.copyOf(&v.now, next); err != nil {
			return err
		}
	}
	if _, err := journal.Apply(next, c.Ranges); err != nil {
		return err
	}
	proven := xxh3.Hash(next) == c.Hash
	switch {
	case proven:
		o.forget(&v.good)
	case v.proven:
		o.forget(&v.good)
		v.good, v.now = v.now, blob{}
	}
	o.forget(&v.now)
	v.now, v.proven, v.tx = blob{bytes: next, length: len(next)}, proven, tx
	o.memory += int64(len(next))
	return nil
}

func (o *overlay) drop(no page.No) {
	if v := o.versions[no]; v != nil {
		o.forget(&v.now)
		o.forget(&v.good)
		delete(o.versions, no)
	}
}

func (o *overlay) forget(b *blob) {
	o.memory -= int64(len(b.bytes))
	*b = blob{}
}

// copyOf copies the bytes of b to dst.
func (o *overlay) copyOf(b *blob, dst []byte) error {
	if b.bytes != nil {
		copy(dst, b.bytes)
		return nil
	}
	return o.temp.read(dst[:b.length], b.off)
}

// spill moves all bytes to the temporary file.
func (o *overlay) spill() error {
	for _, v := range o.versions {
		for _, b := range []*blob{&v.now, &v.good} {
			if b.bytes == nil {
				continue
			}
			b.off = o.temp.reserve(b.length)
			if err := o.temp.write(b.bytes, b.off); err != nil {
				return err
			}
			b.bytes, b.stored = nil, true
		}
	}
	o.memory = 0
	return nil
}

// finish settles for each page on its last proven version, if there is one.
func (o *overlay) finish() {
	for _, v := range o.versions {
		if v.proven {
			continue
		}
		o.forget(&v.now)
		v.now, v.good = v.good, blob{}
	}
	o.order = slices.Sorted(maps.Keys(o.versions))
}

// load returns the proven version of page or run no, in clear; nil when there is none. It lies in the overlay, or in frame,
// which grows when it is too small.
func (o *overlay) load(no page.No, frame *[]byte) ([]byte, error) {
	v := o.versions[no]
	if v == nil || !v.now.exists() {
		return nil, nil
	}
	if v.now.bytes != nil {
		return v.now.bytes, nil
	}
	if cap(*frame) < v.now.length {
		*frame = make([]byte, v.now.length)
	}
	b := (*frame)[:v.now.length]
	return b, o.temp.read(b, v.now.off)
}

// changed returns the transaction of the last record that changed page no; 0 when none did.
func (o *overlay) changed(no page.No) uint64 {
	if v := o.versions[no]; v != nil {
		return v.tx
	}
	return 0
}

// after returns the first page at or behind no that the overlay holds; false when there is none.
func (o *overlay) after(no page.No) (page.No, bool) {
	i, _ := slices.BinarySearch(o.order, no)
	if i == len(o.order) {
		return 0, false
	}
	return o.order[i], true
}

// end is the first page number behind all that the overlay holds.
func (o *overlay) end() page.No {
	end := page.No(0)
	for no, v := range o.versions {
		end = max(end, no+page.No(v.pages))
	}
	return end
}

func (o *overlay) close() error { return o.temp.close() }
