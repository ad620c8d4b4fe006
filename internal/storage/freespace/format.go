package freespace

import (
	"encoding/binary"
	"math/bits"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// A span is the pages that one bitmap page describes; the bitmap page is the first of them. Its payload holds one cell (a
// bit) for each page of the span: bit i%8 of byte i/8 is the page i places after the bitmap page; set = busy. The cell of
// the bitmap page itself is always set. Pages 0 and 1 lie before the first span and are never given out.
const (
	// FirstPage is the number of the first bitmap page; the others follow every SpanPages.
	FirstPage page.No = 2
	// SpanPages is the number of pages in a span: the bits in the payload of a page.
	SpanPages = page.PayloadBytes * 8 // 65,024

	wordBits  = 64
	wordBytes = 8
)

// spanOf returns which span page no belongs to. no must not be below FirstPage.
func spanOf(no page.No) int { return int((no - FirstPage) / SpanPages) }

// cellOf returns the place of page no in its span.
func cellOf(no page.No) int { return int((no - FirstPage) % SpanPages) }

// bitmapOf returns the number of the bitmap page of a span.
func bitmapOf(span int) page.No { return FirstPage + page.No(span)*SpanPages }

// Cells is a row of cells, such as the payload of a bitmap page. Its length is a multiple of eight bytes.
type Cells []byte

// words returns the number of words, of 64 cells each.
func (c Cells) words() int { return len(c) / wordBytes }

// word returns cells i*64 to i*64+63, the first in the lowest bit.
func (c Cells) word(i int) uint64 { return binary.LittleEndian.Uint64(c[i*wordBytes:]) }

func (c Cells) setWord(i int, w uint64) { binary.LittleEndian.PutUint64(c[i*wordBytes:], w) }

// busy reports whether a cell is set.
func (c Cells) busy(cell int) bool { return c[cell/8]&(1<<(cell%8)) != 0 }

// nextBusy returns the first busy cell from cell at on; the number of cells if there is none.
func (c Cells) nextBusy(at int) int {
	for i := at / wordBits; i < c.words(); i++ {
		wanted := c.word(i)
		if i == at/wordBits {
			wanted = wanted >> (at % wordBits) << (at % wordBits)
		}
		if wanted != 0 {
			return i*wordBits + bits.TrailingZeros64(wanted)
		}
	}
	return c.words() * wordBits
}

// lastBusy returns the last busy cell below cell end; -1 if there is none.
func (c Cells) lastBusy(end int) int {
	for i := (end - 1) / wordBits; i >= 0 && end > 0; i-- {
		w := c.word(i)
		if above := (i+1)*wordBits - end; above > 0 {
			w = w << above >> above
		}
		if w != 0 {
			return i*wordBits + bits.Len64(w) - 1
		}
	}
	return -1
}

// each calls do for every word that holds some of the n cells from cell on, with a mask of them, until do returns false.
// It returns false when do did.
func each(cell, n int, do func(i int, mask uint64) bool) bool {
	for n > 0 {
		from := cell % wordBits
		taken := min(n, wordBits-from)
		if !do(cell/wordBits, ^uint64(0)>>(wordBits-taken)<<from) {
			return false
		}
		cell, n = cell+taken, n-taken
	}
	return true
}

// allBusy reports whether n cells from cell on are all busy.
func (c Cells) allBusy(cell, n int) bool {
	return each(cell, n, func(i int, mask uint64) bool { return c.word(i)&mask == mask })
}

// set marks n cells from cell on as busy.
func (c Cells) set(cell, n int) {
	each(cell, n, func(i int, mask uint64) bool { c.setWord(i, c.word(i)|mask); return true })
}

// clear marks n cells from cell on as free.
func (c Cells) clear(cell, n int) {
	each(cell, n, func(i int, mask uint64) bool { c.setWord(i, c.word(i)&^mask); return true })
}
