package section

import "github.com/rookerydb/rookery/internal/storage/page"

// activeFor returns the active page, to be written, with room for a cell of n bytes: the one that is active, or another.
func (s *Sections) activeFor(n int) (dataPage, error) {
	if s.state.Active == 0 {
		return s.activateNew()
	}
	d, err := readData(s.pages, s.state.Active)
	if err != nil {
		return nil, err
	}
	if d.fits(n) {
		return s.pages.Copy(s.state.Active)
	}
	if err := s.retireActive(d); err != nil {
		return nil, err
	}
	return s.activate(d.header(), levelFor(n))
}

// retireActive lets the header know how much room the active page has left, now that it is active no more.
func (s *Sections) retireActive(d dataPage) error {
	h, i, err := s.headerOf(s.state.Active, d)
	if err != nil {
		return err
	}
	s.state.Active = 0
	return s.setLevel(h.no(), i, d.level())
}

// activate makes a page with room of that level active: of the section at first, if there is one, as its pages are near
// and its header is changed anyway; else of the first section in the lowest list that will do; else of a new section.
func (s *Sections) activate(first page.No, level uint8) (dataPage, error) {
	h, err := readHeader(s.pages, first)
	if err != nil {
		return nil, err
	}
	if i := h.find(level); i >= 0 {
		return s.activateAt(first, i)
	}
	for list := level; list <= anyRoom; list++ {
		no := s.state.Room[list-someRoom]
		if no == 0 {
			continue
		}
		if h, err = readHeader(s.pages, no); err != nil {
			return nil, err
		}
		if i := h.find(level); i >= 0 {
			return s.activateAt(no, i)
		}
		return nil, corrupt(no, "listed with room that it does not have")
	}
	return s.activateNew()
}

func (s *Sections) activateNew() (dataPage, error) {
	no, err := s.newSection()
	if err != nil {
		return nil, err
	}
	return s.activateAt(no, 0)
}

// activateAt makes the data page at place i of a section active, after making it if need be.
func (s *Sections) activateAt(header page.No, i int) (dataPage, error) {
	h, err := s.copyHeader(header)
	if err != nil {
		return nil, err
	}
	no := h.data(i)
	s.state.Active = no
	if i < h.made() {
		if err := s.setLevel(header, i, noRoom); err != nil {
			return nil, err
		}
		p, err := s.pages.Copy(no)
		if err != nil {
			return nil, err
		}
		return checkData(p, no)
	}
	p, err := s.pages.Create(no)
	if err != nil {
		return nil, err
	}
	h.setMade(i + 1)
	h.levels()[i] = noRoom
	return initData(p, no, header), s.relist(h)
}

// noteRoom lets the header know how much room data page no has, when that has changed. A section that has lost its last
// row is freed.
func (s *Sections) noteRoom(no page.No, d dataPage) error {
	if no == s.state.Active {
		return nil // the header hears of it when another page becomes active
	}
	h, i, err := s.headerOf(no, d)
	if err != nil || h.levels()[i] == d.level() {
		return err
	}
	return s.setLevel(h.no(), i, d.level())
}

// headerOf returns the header of a data page's section, to be read, and the page's place there.
func (s *Sections) headerOf(no page.No, d dataPage) (headerPage, int, error) {
	h, err := readHeader(s.pages, d.header())
	if err != nil {
		return nil, 0, err
	}
	i, ok := h.place(no)
	if !ok {
		return nil, 0, corrupt(no, "not a page of the section that it names")
	}
	return h, i, nil
}

func (s *Sections) copyHeader(no page.No) (headerPage, error) {
	p, err := s.pages.Copy(no)
	if err != nil {
		return nil, err
	}
	return checkHeader(p, no)
}

func (s *Sections) setLevel(header page.No, i int, level uint8) error {
	h, err := s.copyHeader(header)
	if err != nil {
		return err
	}
	h.levels()[i] = level
	if level == emptyPage && h.empty() {
		return s.freeSection(h)
	}
	return s.relist(h)
}

// relist moves a section to the list of its best page.
func (s *Sections) relist(h headerPage) error {
	best := h.best()
	if best == h.listed() {
		return nil
	}
	if err := s.unlist(h); err != nil {
		return err
	}
	if best == noRoom {
		return nil
	}
	h.setListed(best)
	return s.link(h, &s.state.Room[best-someRoom], nextRoomOff, prevRoomOff)
}

// unlist takes a section out of its list, if it is in one.
func (s *Sections) unlist(h headerPage) error {
	listed := h.listed()
	if listed == noRoom {
		return nil
	}
	h.setListed(noRoom)
	return s.unlink(h, &s.state.Room[listed-someRoom], nextRoomOff, prevRoomOff)
}

// newSection takes the pages of another section, twice as many as for the one before it.
func (s *Sections) newSection() (page.No, error) {
	pages := min(SectionPagesMin<<min(s.state.Sections, slotBits), SectionPagesMax)
	no, err := s.pages.AllocRun(pages)
	if err != nil {
		return 0, err
	}
	p, err := s.pages.Create(no)
	if err != nil {
		return 0, err
	}
	s.state.Sections++
	s.state.Pages += uint64(pages)
	h := initHeader(p, no, pages)
	if err := s.link(h, &s.state.First, nextOff, previousOff); err != nil {
		return 0, err
	}
	return no, s.relist(h)
}

func (s *Sections) freeSection(h headerPage) error {
	if err := s.unlist(h); err != nil {
		return err
	}
	if err := s.unlink(h, &s.state.First, nextOff, previousOff); err != nil {
		return err
	}
	s.state.Sections--
	s.state.Pages -= uint64(h.pages())
	return s.pages.FreeRun(h.no(), h.pages())
}

// link puts a section at the head of a list; the two offsets say which.
func (s *Sections) link(h headerPage, head *page.No, next, previous int) error {
	if *head != 0 {
		second, err := s.copyHeader(*head)
		if err != nil {
			return err
		}
		second.setLink(previous, h.no())
	}
	h.setLink(next, *head)
	h.setLink(previous, 0)
	*head = h.no()
	return nil
}

// unlink takes a section out of that list.
func (s *Sections) unlink(h headerPage, head *page.No, next, previous int) error {
	after, before := h.link(next), h.link(previous)
	if after != 0 {
		n, err := s.copyHeader(after)
		if err != nil {
			return err
		}
		n.setLink(previous, before)
	}
	if before == 0 {
		*head = after
	} else {
		n, err := s.copyHeader(before)
		if err != nil {
			return err
		}
		n.setLink(next, after)
	}
	h.setLink(next, 0)
	h.setLink(previous, 0)
	return nil
}
