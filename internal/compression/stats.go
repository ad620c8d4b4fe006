package compression

import (
	"cmp"
	"slices"
)

// Stats is what the service has done since it was opened, and what it knows of each name.
type Stats struct {
	Values                uint64 // committed, of a length that dictionaries are for
	RawBytes, StoredBytes uint64 // theirs
	Trainings             uint64
	InVain, Postponed     uint64 // of these: no better than what was there; refused by a full registry, or failed
	Names                 []NameStats
}

// NameStats is what is known of one name.
type NameStats struct {
	Name          string
	Dictionary    uint32  // for new values; 0 for none
	Ratio         float64 // raw bytes by stored bytes, averaged over the last values
	PromisedRatio float64 // that the dictionary must hold
	Values        uint64  // since the dictionary is in use
	Collecting    bool
}

// counts are the sums in Stats.
type counts struct {
	values, rawBytes, storedBytes, trainings, inVain, postponed uint64
}

// Stats returns the figures, names sorted.
func (s *Service) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	stats := Stats{
		Values: c.values, RawBytes: c.rawBytes, StoredBytes: c.storedBytes,
		Trainings: c.trainings, InVain: c.inVain, Postponed: c.postponed,
	}
	for name, w := range s.names {
		stats.Names = append(stats.Names, NameStats{
			Name: name, Dictionary: w.current, Ratio: w.ratio(), PromisedRatio: w.promised, Values: w.values, Collecting: w.collecting,
		})
	}
	slices.SortFunc(stats.Names, func(a, b NameStats) int { return cmp.Compare(a.Name, b.Name) })
	return stats
}
