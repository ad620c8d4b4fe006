package salvage

import (
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/table/row"
)

// scan is one walk over all pages, in the order of their numbers, from the data file and from journals. Two walks over the
// same files find the same rows in the same order.
type scan struct {
	data    *blockFile // nil when it is missing
	overlay *overlay
	opener  Opener  // nil: plain files
	images  *images // nil unless encrypted
	synced  uint64  // images of flushes up to this transaction may be older than what the data file had
	report  *Report // gets pages, rows and damages
	next    page.No // pages from here on were never in use; 0: not known
	certain uint64  // versions in the overlay of this transaction and later ones are the newest: no later record is missing
	found   func(found) error
	tell    func(doneBytes int64)

	place    place
	ordinal  int64
	runs     *runLedger
	newestTx uint64  // of all pages in use
	fileTx   uint64  // the newest transaction of any sound page in the data file
	coverEnd page.No // the pages below belong to a run that was read, but for those in the overlay
	coverTx  uint64  // of that run, when it is from a journal
	lostEnd  page.No // the pages below may belong to a damaged run
	logFrame []byte  // for a page of the overlay
	frame    []byte  // for a page of the file, in clear
}

// found is a row.
type found struct {
	ordinal int64 // counts the rows of a scan
	page    page.No
	row     *row.Row
	use     use
}

// run walks over everything. The first error ends it: of the temporary file, or of found.
func (s *scan) run() error {
	end := s.overlay.end()
	if s.data != nil {
		end = max(end, s.data.pages())
	}
	for no := page.No(0); no < end; no++ {
		if no%(windowBytes/page.SizeBytes) == 0 {
			s.tell(int64(no) * page.SizeBytes)
		}
		if err := s.at(no); err != nil {
			return err
		}
	}
	s.cutOff(end)
	s.tell(int64(end) * page.SizeBytes)
	return nil
}

// at looks at what lies at page no.
func (s *scan) at(no page.No) error {
	data, err := s.overlay.load(no, &s.logFrame)
	if err != nil {
		return err
	}
	if data != nil && (page.Number(data) != no || page.RunLen(data)*page.SizeBytes != len(data)) {
		data = nil // a record with a sound hash says so, which no version of the program writes
	}
	if data == nil && no < s.coverEnd {
		return s.inside(no)
	}
	stored, lost := s.fromFile(no)
	imageTx := uint64(0)
	if lost != nil && s.images != nil {
		if image, tx, ok := s.images.load(s.opener, no, &s.frame); ok {
			stored, imageTx, lost = image, tx, nil
		}
	}
	inFile := lost == nil
	if inFile {
		s.fileTx = max(s.fileTx, page.Tx(stored))
	}
	if data == nil || inFile && page.Tx(stored) >= page.Tx(data) {
		if data = stored; !inFile {
			return s.lost(no, lost)
		}
	} else {
		inFile = false
	}
	older := imageTx > 0 && inFile && imageTx <= s.synced
	return s.sound(no, data, older || !inFile && page.Tx(data) < s.certain || page.Tx(data) < s.overlay.changed(no))
}

// inside looks at a page inside of a run that was read. In a run from the data file there is nothing else; where a run from
// a journal will be, the file may hold something newer, when the records between are lost.
func (s *scan) inside(no page.No) error {
	if s.coverTx == 0 || s.data == nil || no >= s.data.pages() {
		return nil
	}
	if stored, err := s.fromFile(no); err == nil && page.Tx(stored) > s.coverTx {
		return s.sound(no, stored, false)
	}
	return nil
}

// Reasons for which a page is not what it should be, other than those of package page.
var (
	errBlank = errors.New("all zeros")
	errCut   = errors.New("cut off")
)

// fromFile returns the page or run no from the data file, proven and in clear, or why it cannot be had.
func (s *scan) fromFile(no page.No) ([]byte, error) {
	if s.data == nil || no >= s.data.pages() {
		return nil, errCut
	}
	p, err := s.data.page(no)
	if err != nil {
		return nil, err
	}
	if page.Number(p) != no {
		if isBlank(p) {
			return nil, errBlank
		}
		return nil, &page.ChecksumError{No: no, Want: uint64(no), Got: uint64(page.Number(p)), Reason: page.WrongNumber}
	}
	return s.open(no, no)
}

// open proves the page or run that calls itself claimed and lies at place at.
func (s *scan) open(at, claimed page.No) ([]byte, error) {
	run, err := s.data.page(at)
	if err != nil {
		return nil, err
	}
	if page.OverflowBytes(run) > page.OverflowBytesMax {
		return nil, &page.ChecksumError{No: at, Reason: page.BadSize}
	}
	if n := page.RunLen(run); n > 1 {
		if page.No(n) > s.data.pages()-at {
			return nil, errCut
		}
		if run, err = s.data.run(at, n); err != nil {
			return nil, err
		}
	}
	if s.opener == nil {
		return run, page.Verify(run, claimed)
	}
	if cap(s.frame) < len(run) {
		s.frame = make([]byte, len(run))
	}
	clearText := s.frame[:len(run)]
	return clearText, s.opener.OpenPage(clearText, run, claimed)
}

func isBlank(p []byte) bool {
	for _, b := range p {
		if b != 0 {
			return false
		}
	}
	return true
}

// sound takes a page or run that is proven, but perhaps not its newest version.
func (s *scan) sound(no page.No, data []byte, outdated bool) error {
	use := s.place.of(no, data)
	pages := page.No(len(data) / page.SizeBytes)
	if pages > 1 {
		s.cover(no, pages, data)
		if s.replaced(no, data) {
			use = unused
		}
	}
	switch {
	case use == unused:
		s.report.Pages.Unused += int64(pages)
	case outdated:
		use = unknown
		s.outdated(no, pages)
	}
	if use != unused {
		s.newestTx = max(s.newestTx, page.Tx(data))
		s.place.note(no, data)
		s.report.Pages.Sound[page.KindOf(data).String()] += int64(pages)
	}
	switch page.KindOf(data) {
	case page.SectionData:
		return s.rows(no, data, use)
	case page.Overflow:
		return s.longRow(no, data, use)
	default: // holds no rows
		return nil
	}
}

// outdated lists a page or run of which there was, or may have been, a newer version.
func (s *scan) outdated(no, pages page.No) {
	s.report.Journals.Outdated += int(pages)
	for i := range pages {
		s.report.damagedPage(no+i, "perhaps outdated: of its newest version nothing is left")
	}
}

// cover notes that the pages of a run hold nothing else.
func (s *scan) cover(no, pages page.No, run []byte) {
	if no+pages <= s.coverEnd {
		return
	}
	s.coverEnd, s.coverTx = no+pages, 0
	if s.overlay.versions[no] != nil {
		s.coverTx = page.Tx(run)
	}
}

// replaced says whether a page inside the run is in the overlay in a newer version than the run's: then the run is history.
func (s *scan) replaced(no page.No, run []byte) bool {
	inner, ok := s.overlay.after(no + 1)
	end := no + page.No(len(run)/page.SizeBytes)
	for ; ok && inner < end; inner, ok = s.overlay.after(inner + 1) {
		if s.overlay.changed(inner) > page.Tx(run) {
			return true
		}
	}
	return false
}

// lost takes a page that is not what it should be.
func (s *scan) lost(no page.No, why error) error {
	if moved, err := s.misplaced(no, why); moved || err != nil {
		return err
	}
	use := s.place.of(no, nil)
	if use == unknown && errors.Is(why, errBlank) && s.next > 0 && no >= s.next {
		use = unused
	}
	if use == unused {
		s.report.Pages.Unused++
		return nil
	}
	reason := reasonOf(why)
	if no < s.lostEnd {
		reason = "part of a damaged run"
	}
	s.report.damagedPage(no, reason)
	s.noteLostRun(no)
	return nil
}

// reasonOf says why in the same words for all pages of the same kind of damage, so that ranges can be listed.
func reasonOf(why error) string {
	if sum, ok := errors.AsType[*page.ChecksumError](why); ok {
		return sum.Reason.String()
	}
	return why.Error()
}

// noteLostRun takes what can be seen of a run whose bytes are not proven: how long it seems to be, and the id of a
// document that seems to be in it.
func (s *scan) noteLostRun(no page.No) {
	if s.data == nil {
		return
	}
	p, err := s.data.page(no)
	if err != nil || len(p) < page.SizeBytes || page.Number(p) != no || page.KindOf(p) != page.Overflow || page.OverflowBytes(p) > page.OverflowBytesMax {
		return
	}
	s.lostEnd = max(s.lostEnd, no+page.No(page.RunLen(p)))
	if id, ok := seemingID(page.Payload(p)); ok && s.opener == nil {
		s.runs.lost(no, id)
	}
}

// misplaced takes a page that is sound but for its place. What it holds was stored once; whether it is the newest version
// nobody can tell, so its rows count as no longer in use.
func (s *scan) misplaced(no page.No, why error) (bool, error) {
	wrong, ok := errors.AsType[*page.ChecksumError](why)
	if !ok || wrong.Reason != page.WrongNumber || wrong.Got == 0 || wrong.Got > pageNumberMax {
		return false, nil
	}
	data, err := s.open(no, page.No(wrong.Got))
	if err != nil {
		return false, nil // not a page at all, which the caller reports
	}
	s.report.Pages.Misplaced++
	if s.place.of(no, nil) == unused {
		s.report.Pages.Unused++
	} else {
		s.report.damagedPage(no, fmt.Sprintf("page %d in its place", wrong.Got))
	}
	switch page.KindOf(data) {
	case page.SectionData:
		err = s.rows(page.No(wrong.Got), data, unused)
	case page.Overflow:
		err = s.longRow(page.No(wrong.Got), data, unused)
	default: // holds no rows
	}
	return true, err
}

// cutOff reports the pages from end on that should be there.
func (s *scan) cutOff(end page.No) {
	for no := max(end, s.coverEnd); no < s.next; no++ {
		if s.place.of(no, nil) != unused {
			s.report.damagedPage(no, errCut.Error())
		}
	}
}
