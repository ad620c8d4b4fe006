package storage

import (
	"bytes"
	"encoding/binary"
	"sync"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/zeebo/xxh3"
)

// changeSet is what one transaction changed, until it is committed or dropped.
type changeSet struct {
	dirty     []*buffer  // its versions, in the order they were made; some are gone again
	freed     []freedRun // runs of its base that are free now
	bytes     int64      // of dirty
	payload   []byte     // of the journal record, once described
	described bool
	frames    frames // pages of the file that it read

	early    []byte // parts of the payload that were encoded before its end; see prepare
	prepared int    // of dirty
}

type freedRun struct {
	no    PageNo
	pages int
}

// describe builds the payload of the journal record: what became free, then what changed.
func (c *changeSet) describe() {
	if c.described {
		return
	}
	if c.isSecret() {
		c.makeRoom()
	}
	for _, f := range c.freed {
		c.payload = journal.AppendFree(c.payload, uint64(f.no), f.pages)
	}
	early := c.early // the other one's is another, or a longer one
	beside, wait := c.describeBeside()
	for i, b := range c.dirty {
		if i == beside {
			wait()
			early = c.early
		}
		if b.gone {
			continue
		}
		if page.Number(b.data) != b.no || page.RunLen(b.data) != b.pages() { // Assert would allocate its arguments
			invariant.Assert(false, "page %d of %d pages calls itself %d of %d",
				b.no, b.pages(), page.Number(b.data), page.RunLen(b.data))
		}
		from := len(c.payload)
		if b.early.bytes == 0 {
			c.payload = b.appendChange(c.payload)
			continue
		}
		c.payload = append(c.payload, early[b.early.at:b.early.at+b.early.bytes]...)
		if invariant.Enabled {
			now := b.appendChange(nil)
			invariant.Assert(bytes.Equal(now, c.payload[from:]), "page %d was changed after it was described, without Copy", b.no)
		}
	}
	c.described = true
}

// describeBeside encodes the second half of many changes on another processor. It returns where that begins: wait must be called
// before anything from there on is looked at.
func (c *changeSet) describeBeside() (from int, wait func()) {
	if len(c.dirty)-c.prepared < manyPages() || c.isSecret() {
		return len(c.dirty), nil
	}
	from = c.prepared + (len(c.dirty)-c.prepared)/2
	var done sync.WaitGroup
	done.Go(func() {
		for _, b := range c.dirty[from:] {
			if !b.gone {
				c.encodeEarly(b)
			}
		}
	})
	return from, done.Wait
}

// appendChange appends what the transaction changed in the page.
func (b *buffer) appendChange(dst []byte) []byte {
	return journal.AppendPage(dst, uint64(b.no), xxh3.Hash(b.data), b.before, b.data)
}

// manyPages is how many changes are worth a goroutine: about 300 us of work. Tests do with less, to meet it often.
func manyPages() int {
	if invariant.Enabled {
		return 4
	}
	return 256
}

// someVersions is how many further versions make it worth while to encode them early: the newest are changed again more often
// than others, as the page is that new rows go to. Tests do with less.
func someVersions() int {
	if invariant.Enabled {
		return 1
	}
	return 8
}

// prepare encodes the changes of pages that may be complete. One that is changed again is encoded again by describe.
func (c *changeSet) prepare() {
	if len(c.dirty)-c.prepared < someVersions() {
		return
	}
	if c.early == nil {
		c.early = make([]byte, 0, earlyBytes)
	}
	for ; c.prepared < len(c.dirty); c.prepared++ {
		b := c.dirty[c.prepared]
		if b.gone {
			continue
		}
		if cap(c.early)-len(c.early) < journal.PageChangeBytesMax(len(b.data)) {
			return // no part of it may be left behind in memory that grew
		}
		c.encodeEarly(b)
	}
}

func (c *changeSet) encodeEarly(b *buffer) {
	at := len(c.early)
	c.early = b.appendChange(c.early)
	b.early = span{at, len(c.early) - at}
}

// earlyBytes bounds what is encoded early: the changes of some hundred pages.
const earlyBytes = 256 << 10

// span is a part of changeSet.early.
type span struct{ at, bytes int }

// makeRoom makes the payload large enough for whatever the pages are: a slice that grew would leave parts of it behind in memory.
func (c *changeSet) makeRoom() {
	room := len(c.freed) * 2 * binary.MaxVarintLen64
	for _, b := range c.dirty {
		room += journal.PageChangeBytesMax(len(b.data))
	}
	if room > cap(c.payload) {
		clear(c.payload[:cap(c.payload)])
		c.payload = make([]byte, 0, room)
	}
}

func (c *changeSet) isSecret() bool { return c.frames.from != nil && c.frames.from.vault != nil }

// seal ends the right to change the versions, and returns those that are not in the table.
func (c *changeSet) seal() (dead []*buffer) {
	for _, b := range c.dirty {
		b.before = nil
		if b.gone {
			dead = append(dead, b)
		}
	}
	return dead
}

// empty says whether there is nothing to commit.
func (c *changeSet) empty() bool { return len(c.dirty) == 0 && len(c.freed) == 0 }

// reset forgets the changes, and keeps memory unless one huge transaction made it large.
func (c *changeSet) reset() {
	const keep = 1 << 14
	c.frames.drop()
	if c.isSecret() {
		clear(c.payload)
		clear(c.early)
	}
	clear(c.dirty)
	c.dirty, c.freed, c.payload, c.bytes, c.described = c.dirty[:0], c.freed[:0], c.payload[:0], 0, false
	c.early, c.prepared = c.early[:0], 0
	if cap(c.dirty) > keep || cap(c.freed) > keep || max(cap(c.payload), cap(c.early)) > keep*pageBytes/16 {
		c.dirty, c.freed, c.payload, c.early = nil, nil, nil, nil
	}
}
