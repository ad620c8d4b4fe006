package memfs

// plan says what happened to one file in a power cut.
//
// Lengths change in order, so the crash falls at one place among them. Cutting a file throws its blocks away with
// the length: what came before a cut that did not happen stays, and nothing that came after it is there.
type plan struct {
	hi   int   // no write from here on left anything
	size int64 // the length that is left

	unitBytes int64 // what is there or not as a whole
	keepOf256 uint64
	all, none bool
	seed      dice
	node      int
}

func (c crash) plan(n *node, writes []write) plan {
	p := plan{seed: c.seed, node: n.id, all: c.mode == AllWritten, none: c.mode == SyncedOnly}
	p.unitBytes = blockBytes
	if c.mode == Torn {
		p.unitBytes = sectorBytes
	}
	chances := [...]uint64{128, 16, 240, 64, 192, 250, 6, 128}
	p.keepOf256 = chances[c.seed.roll(rollChance, n.id, 0)%uint64(len(chances))]
	upTo := p.drawLength(writes)
	p.hi = firstCut(writes, upTo)
	p.size = sizeAfter(int64(len(n.synced.bytes)), writes, upTo, p.hi)
	return p
}

// drawLength chooses how many of the writes had their effect on the length. A forced write makes the cuts before it
// durable: its own length goes through, and lengths are logged in order.
func (p *plan) drawLength(writes []write) int {
	low, cut := 0, 0
	for i, w := range writes {
		if w.cuts {
			cut = i + 1
		}
		if w.forced {
			low = cut
		}
	}
	switch {
	case p.none:
		return low
	case p.all:
		return len(writes)
	}
	roll := p.seed.roll(rollLength, p.node, 0)
	if roll&1 == 0 { // more often than not everything: else most images of growing files are short
		return len(writes)
	}
	return low + int((roll>>1)%uint64(len(writes)-low+1))
}

// firstCut is the place of the first cut at or after from, or the end.
func firstCut(writes []write, from int) int {
	for i := from; i < len(writes); i++ {
		if writes[i].cuts {
			return i
		}
	}
	return len(writes)
}

// sizeAfter is the length after the first upTo writes, but at least the end of what was forced since the last cut.
func sizeAfter(size int64, writes []write, upTo, hi int) int64 {
	var forcedEnd int64
	for i, w := range writes[:hi] {
		if i < upTo {
			size = w.size
		}
		if w.cuts {
			forcedEnd = 0
		}
		if w.forced {
			forcedEnd = max(forcedEnd, w.off+int64(len(w.data)))
		}
	}
	return max(size, forcedEnd)
}

// writeSome writes those units of w, the i-th write, that got to the disk.
func (p *plan) writeSome(left *content, w write, i int) {
	if p.none {
		return
	}
	if p.all {
		left.write(w.data, w.off)
		return
	}
	end := w.off + int64(len(w.data))
	for at := w.off; at < end; {
		unit := at / p.unitBytes
		next := min((unit+1)*p.unitBytes, end)
		if p.reached(unit, i) {
			left.write(w.data[at-w.off:next-w.off], at)
		}
		at = next
	}
}

// reached says whether the unit got to the disk at or after write i. Each unit was last written back at some moment: after
// the last write, or before any of them.
func (p *plan) reached(unit int64, i int) bool {
	roll := p.seed.roll(rollUnit, p.node, unit)
	if roll&255 < p.keepOf256 {
		return true
	}
	return i < int((roll>>8)%uint64(p.hi))
}

// dice gives chance that depends on nothing but the seed and what is asked, in any order.
type dice uint64

// What a roll is for, so that equal numbers of different things do not fall together.
const (
	rollEntries = iota + 1
	rollChance
	rollLength
	rollUnit
)

// roll mixes its arguments by the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", 2014).
func (d dice) roll(purpose, node int, unit int64) uint64 {
	x := uint64(d)
	for _, part := range [...]uint64{uint64(purpose), uint64(node), uint64(unit)} {
		x += 0x9E3779B97F4A7C15 + part
		x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
		x = (x ^ x>>27) * 0x94D049BB133111EB
		x ^= x >> 31
	}
	return x
}
