package section

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// headerPage is the header page of a section; see format.go.
type headerPage []byte

// checkHeader returns p as a header page when the fields that its methods use without asking make sense.
func checkHeader(p []byte, no page.No) (headerPage, error) {
	if len(p) != page.SizeBytes || page.KindOf(p) != page.SectionHeader {
		return nil, corrupt(no, "not a section header")
	}
	h := headerPage(p)
	if h.pages() < SectionPagesMin || h.pages() > SectionPagesMax || h.made() >= h.pages() || h.listed() > listCount {
		return nil, corrupt(no, "impossible section header")
	}
	return h, nil
}

// initHeader makes p the header page of a section of that many pages, none of them made.
func initHeader(p []byte, no page.No, pages int) headerPage {
	page.Init(p, no, page.SectionHeader)
	page.SetOwner(p, uint64(no))
	binary.LittleEndian.PutUint16(p[pagesOff:], uint16(pages))
	return headerPage(p)
}

func (h headerPage) no() page.No { return page.Number(h) }

// pages counts the section's pages, the header included.
func (h headerPage) pages() int { return int(binary.LittleEndian.Uint16(h[pagesOff:])) }

// made counts the data pages made so far.
func (h headerPage) made() int     { return int(binary.LittleEndian.Uint16(h[madeOff:])) }
func (h headerPage) setMade(n int) { binary.LittleEndian.PutUint16(h[madeOff:], uint16(n)) }

// whole says whether all data pages are made.
func (h headerPage) whole() bool { return h.made() == h.pages()-1 }

// data is the number of the data page at place i, from 0.
func (h headerPage) data(i int) page.No { return h.no() + 1 + page.No(i) }

// place is where among the data pages page no stands; false when it is none that was made.
func (h headerPage) place(no page.No) (int, bool) {
	i := no - h.no() - 1 // wraps around below the header
	return int(i), i < page.No(h.made())
}

// levels are those of the data pages made so far.
func (h headerPage) levels() []byte { return h[levelsOff:][:h.made()] }

func (h headerPage) listed() uint8         { return h[listedOff] }
func (h headerPage) setListed(level uint8) { h[listedOff] = level }

// link is one of the four numbers of other sections' headers.
func (h headerPage) link(off int) page.No { return page.No(binary.LittleEndian.Uint64(h[off:])) }

func (h headerPage) setLink(off int, no page.No) {
	binary.LittleEndian.PutUint64(h[off:], uint64(no))
}

// find returns the place of the first data page of at least that level, one not made yet if need be; -1 when there is none.
func (h headerPage) find(level uint8) int {
	for i, l := range h.levels() {
		if l >= level {
			return i
		}
	}
	if h.whole() {
		return -1
	}
	return h.made()
}

// best is the list that the section belongs to: the highest level of its pages, at most anyRoom.
func (h headerPage) best() uint8 {
	if !h.whole() {
		return anyRoom
	}
	best := uint8(noRoom)
	for _, l := range h.levels() {
		best = max(best, l)
	}
	return min(best, anyRoom)
}

// empty says whether no data page has rows; the active page, of level 0, counts as having some.
func (h headerPage) empty() bool {
	for _, l := range h.levels() {
		if l != emptyPage {
			return false
		}
	}
	return true
}
