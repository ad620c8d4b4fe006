package compression

import (
	"math/rand/v2"

	"github.com/rookerydb/rookery/internal/compression/zdict"
)

// samples is a reservoir: of all values that were offered, each is kept with the same chance (Vitter: Random Sampling with a
// Reservoir, ACM TOMS 1985, algorithm R). At most samplesMax values of zdict.SampleBytesMax each.
type samples struct {
	seen uint64
	kept [][]byte
}

// offer keeps a copy of value, perhaps. Of a long value a part anywhere in it is kept.
func (s *samples) offer(value []byte, chance rand.Source) {
	s.seen++
	place := uint64(len(s.kept))
	if place >= samplesMax {
		if place = chance.Uint64() % s.seen; place >= samplesMax {
			return
		}
	}
	if beyond := len(value) - zdict.SampleBytesMax; beyond > 0 {
		from := int(chance.Uint64() % uint64(beyond+1))
		value = value[from : from+zdict.SampleBytesMax]
	}
	if place == uint64(len(s.kept)) {
		s.kept = append(s.kept, nil)
	}
	s.kept[place] = append(s.kept[place][:0], value...)
}

// merge takes all of t, which is empty then. A place of a full reservoir goes to one of t's with the chance that t's part of
// all values is.
func (s *samples) merge(t *samples, chance rand.Source) {
	seen := s.seen + t.seen
	for len(s.kept) < samplesMax && len(t.kept) > 0 {
		s.kept = append(s.kept, t.take(chance))
	}
	for i := range s.kept {
		if len(t.kept) == 0 {
			break
		}
		if chance.Uint64()%seen < t.seen {
			s.kept[i] = t.take(chance)
		}
	}
	s.seen = seen
	t.kept, t.seen = nil, 0
}

// take removes a sample by chance.
func (s *samples) take(chance rand.Source) []byte {
	i, last := int(chance.Uint64()%uint64(len(s.kept))), len(s.kept)-1
	taken := s.kept[i]
	s.kept[i], s.kept[last] = s.kept[last], nil
	s.kept = s.kept[:last]
	return taken
}

// shuffled returns the samples in an order by chance: those that came first stand first in the reservoir.
func (s *samples) shuffled(chance rand.Source) [][]byte {
	rand.New(chance).Shuffle(len(s.kept), func(i, j int) { s.kept[i], s.kept[j] = s.kept[j], s.kept[i] })
	return s.kept
}

// wipe overwrites the samples.
func (s *samples) wipe() {
	for _, b := range s.kept {
		clear(b[:cap(b)])
	}
	s.kept = nil
}
