package btree

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// split divides the entries of n, the page at that level of path, and e, which belongs at position i, between n and a new
// page to its right. It returns the entry that the parent gets for the new page; its bytes hold until the next but one split.
func (t *Tree) split(n node, level, i int, e entry) (up entry, err error) {
	no := t.path[level].no
	s := splitting{n: n, i: i, e: e}
	at, ok := s.point()
	if !ok {
		return entry{}, corrupt(no, entryReason)
	}
	right, err := t.splitOff(s, at)
	if err != nil {
		return entry{}, err
	}
	up = t.separate(s, at, page.Number(right))
	if err := t.keepLeft(s, at, no); err != nil || !s.halved {
		return up, err
	}
	return up, t.spreadBoth(no, right)
}

// spreadBoth makes gaps in two leaves of which one was halved: keys that came to its middle will go on to come there.
func (t *Tree) spreadBoth(no page.No, right node) error {
	left, err := t.copyAny(no)
	if err != nil {
		return err
	}
	if !left.spread(t.scratchPage()) || !right.spread(t.scratchPage()) {
		return corrupt(no, entryReason)
	}
	return nil
}

// splitting is a page without gaps and a new entry, seen as one sequence of n.count()+1 entries.
type splitting struct {
	n      node
	i      int // position of e in the sequence
	e      entry
	halved bool // a leaf, cut in the middle
}

// entry returns entry j of the sequence.
func (s *splitting) entry(j int) (entry, bool) {
	switch {
	case j < s.i:
		return s.n.entry(j)
	case j == s.i:
		return s.e, true
	default:
		return s.n.entry(j - 1)
	}
}

// point returns how many entries of the sequence stay on the left, at least one and not all; false for a damaged page.
//
//   - An entry at the end goes alone to the right, one at the start stays alone on the left: ascending and descending keys
//     leave full pages behind.
//   - A run of ascending keys in the middle is cut behind the new entry: what follows moves out of its way once.
//   - Else both sides get half of the bytes.
func (s *splitting) point() (at int, ok bool) {
	count, first := s.n.count(), 0
	if s.n.isBranch() {
		first = 1 // new children always come after an old one
	}
	switch {
	case s.i == count:
		return count, true
	case s.i == first:
		return s.i + 1, true
	case !s.n.isBranch() && s.inRun():
		return s.afterRun()
	default:
		s.halved = !s.n.isBranch()
		return s.half()
	}
}

// inRun reports whether the entry before the new one is the last that came to the page: it lies lowest. So the page itself
// remembers runs of ascending keys, however many grow by turns.
func (s *splitting) inRun() bool { return s.i > 0 && s.n.off(s.i-1) == page.Upper(s.n) }

// afterRun cuts behind the new entry, or before it if it does not fit on the left.
func (s *splitting) afterRun() (at int, ok bool) {
	left := s.e.room()
	for j := range s.i {
		e, ok := s.n.entry(j)
		if !ok {
			return 0, false
		}
		left += e.room()
	}
	if left <= page.PayloadBytes {
		return s.i + 1, true
	}
	return s.i, true
}

// half cuts where the two sides differ least.
func (s *splitting) half() (at int, ok bool) { return halve(s.n.count()+1, s.entry) }

// halve returns how many of count entries, at least two, to cut off so that both sides have nearly the same bytes; at least one
// and not all. False for damaged pages.
//
// Both sides fit in a page: the entries are those of one page and one more, or of a page and a third, at most 12,190 bytes.
// None takes more than 4062 (see inlineBytesMax), so the larger side has at most half of all and half an entry, 8126 bytes.
func halve(count int, entry func(j int) (entry, bool)) (at int, ok bool) {
	total := 0
	for j := range count {
		e, ok := entry(j)
		if !ok {
			return 0, false
		}
		total += e.room()
	}
	left := 0
	for j := range count - 1 {
		e, _ := entry(j)
		before := left
		left += e.room()
		switch {
		case left*2 < total:
			continue
		case total-2*before < 2*left-total: // cutting before j is nearer to the middle
			return j, true
		default:
			return j + 1, true
		}
	}
	return count - 1, true
}

// splitOff writes the entries from at on to a new page.
func (t *Tree) splitOff(s splitting, at int) (node, error) {
	_, right, err := t.newPage(page.KindOf(s.n))
	if err != nil {
		return nil, err
	}
	for j := at; j <= s.n.count(); j++ {
		if planted.Is(planted.SplitLosesEntry) && j == s.n.count() && j > at && page.Number(right)%16 == 3 {
			break
		}
		e, ok := s.entry(j)
		if j == at && s.n.isBranch() {
			e.key = nil // it moves up, and stands below all others here
		}
		if !ok || right.gap() < e.room() {
			return nil, corrupt(page.Number(s.n), entryReason)
		}
		right.insert(j-at, e)
	}
	return right, nil
}

// separate returns the entry for the parent: the key that divides the sequence at that position, and the new page.
func (t *Tree) separate(s splitting, at int, right page.No) entry {
	t.turn = 1 - t.turn
	last, _ := s.entry(at - 1) // both were checked by splitOff and point
	first, _ := s.entry(at)
	key := first.key
	if !s.n.isBranch() {
		key = separator(last.key, first.key)
	}
	key = append(t.separators[t.turn][:0], key...)
	child := t.children[t.turn][:]
	binary.LittleEndian.PutUint64(child, uint64(right))
	return entry{key: key, value: child}
}

// keepLeft drops from page no what went to the right, and puts the new entry in if it stays. A page that keeps all it had
// is not touched.
func (t *Tree) keepLeft(s splitting, at int, no page.No) error {
	old := at // how many of the old entries stay
	if s.i < at {
		old--
	}
	if old == s.n.count() {
		return nil
	}
	n, err := t.copyAny(no)
	if err != nil {
		return err
	}
	if old == 0 { // only the new entry stays
		page.SetLower(n, page.HeaderBytes)
		page.SetUpper(n, page.SizeBytes)
		page.SetDead(n, 0)
	} else if !n.cut(old) {
		return corrupt(no, entryReason)
	}
	if s.i < at {
		return t.fit(n, s.i, s.e)
	}
	return nil
}
