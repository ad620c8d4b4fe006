package compression

import (
	"github.com/rookerydb/rookery/internal/storage"
)

// candidateFor returns the dictionary that waits to take the place of current, if there is one.
//
// It stays until it is known to be committed: a transaction that registers it may be dropped.
func (s *Service) candidateFor(name string, current uint32) *candidate {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.ready[name]; c != nil && c.replaces == current {
		return c
	}
	return nil
}

// ratioOf returns what the current dictionary of name promised when it was trained; 1 when there is none.
func (s *Service) ratioOf(tx storage.Tx, name string, current uint32) (float64, error) {
	if current == 0 {
		return 1, nil
	}
	s.mu.Lock()
	w := s.names[name]
	s.mu.Unlock()
	if w != nil && w.current == current {
		return w.promised, nil
	}
	d, _, err := dictionaryIn(tx, current)
	return d.Ratio, err
}

// wantsSamples says whether a session shall collect values of name.
func (s *Service) wantsSamples(name string, current uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watchLocked(name)
	if w == nil || w.current != current {
		return false // after the commit
	}
	s.startCollectingLocked(w)
	return w.collecting
}

// watchLocked returns what is known of name; nil when there are too many names.
func (s *Service) watchLocked(name string) *watch {
	w := s.names[name]
	if w == nil && len(s.names) < namesMax && !s.background.isStopped() {
		w = &watch{promised: 1}
		s.names[name] = w
	}
	return w
}

// startCollectingLocked begins to collect for w if that is wanted and there is a place.
func (s *Service) startCollectingLocked(w *watch) {
	if w.collecting || !w.wantsSamples(s.opts.RetrainBelow) {
		return
	}
	places := collectorsMax
	for _, other := range s.names {
		if !other.collecting {
			continue
		}
		if places--; s.offered-other.fed > collectorIdleValues {
			other.stopCollecting()
			places++
		}
	}
	if places > 0 {
		w.collecting, w.fed = true, s.offered
	}
}

// learn takes what a session learned, whose transaction has been committed.
func (s *Service) learn(session *Session) {
	tx, err := s.opts.Env.Read()
	if err != nil {
		return // closed meanwhile
	}
	defer tx.Close()
	if tx.ID() < session.id {
		return // not committed, or nothing was changed: no matter what the caller says
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	due := false
	for _, l := range session.lanes {
		s.counts.values += uint64(l.values)
		s.counts.rawBytes += uint64(l.raw)
		s.counts.storedBytes += uint64(l.stored)
		s.offered += uint64(l.values)
		s.forgetCommittedLocked(tx, l.name)
		w := s.watchLocked(l.name)
		if w == nil {
			continue
		}
		w.use(l.current, l.ratio)
		w.see(l)
		s.startCollectingLocked(w)
		if w.collecting && l.samples.seen > 0 {
			w.samples.merge(&l.samples, &session.chance)
			w.fed = s.offered
		}
		due = due || w.due(s.opts.TrainAfterValues)
	}
	if due {
		s.background.ring()
	}
}

// forgetCommittedLocked lets go of the candidate of name once the committed state has it, or something else in its place.
func (s *Service) forgetCommittedLocked(tx storage.Tx, name string) {
	c := s.ready[name]
	if c == nil {
		return
	}
	if current, err := currentIn(tx, name); err == nil && current != c.replaces {
		delete(s.ready, name)
	}
}
