package salvage

import (
	"errors"

	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// use says whether a page is part of the newest state.
type use uint8

const (
	unknown use = iota // the pages that would tell are damaged, or older than the page
	inUse
	unused // free, or in a section that has not come to it
)

// place tells which pages are in use, while they go by in order of their numbers: each bitmap page comes before the pages that it
// describes, and the header of a section before the section's data pages.
//
// A bitmap or header may be older than the page in question, when journals are lost or damaged. What it says of pages that
// were written later is nothing.
type place struct {
	bitmap   []byte // the bitmap page of the span, nil when it is damaged
	bitmapNo page.No
	section  sectionPlace
}

// sectionPlace is the last section whose header was seen.
type sectionPlace struct {
	no    page.No // of the header
	pages page.No
	made  page.No
	tx    uint64
}

// Page gives the bitmap page to freespace.View.
func (p *place) Page(no page.No) ([]byte, error) {
	if p.bitmap == nil || p.bitmapNo != no {
		return nil, errNoBitmap
	}
	return p.bitmap, nil
}

var errNoBitmap = errors.New("the bitmap page is damaged")

// note takes what a page of the newest state says of those behind it. data is copied if need be.
func (p *place) note(no page.No, data []byte) {
	switch page.KindOf(data) {
	case page.Bitmap:
		if no >= freespace.FirstPage && (no-freespace.FirstPage)%freespace.SpanPages == 0 {
			p.bitmap, p.bitmapNo = append(p.bitmap[:0], data...), no
		}
	case page.SectionHeader:
		pages, made, err := section.ReadHeader(data, no)
		if err == nil && p.of(no, data) != unused {
			p.section = sectionPlace{no: no, pages: page.No(pages), made: page.No(made), tx: page.Tx(data)}
		}
	default: // says nothing of others
	}
}

// of tells of page no; data are its bytes if they are proven, else nil.
func (p *place) of(no page.No, data []byte) use {
	if no < freespace.FirstPage {
		return unused
	}
	tx := uint64(0)
	if data != nil {
		tx = page.Tx(data)
	}
	free, err := freespace.View{Pages: p, Next: pageNumberMax}.IsFree(no)
	if err == nil && free && tx <= page.Tx(p.bitmap) {
		return unused
	}
	if s := p.section; s.no < no && no < s.no+s.pages && tx <= s.tx {
		if no > s.no+s.made || data != nil && (page.KindOf(data) != page.SectionData || page.Owner(data) != uint64(s.no)) {
			return unused
		}
	}
	if err == nil && !free {
		return inUse
	}
	return unknown
}
