package compression

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
)

// Train trains a dictionary for each name that has samples enough, and returns how many are better than what was there.
// The next session that touches such a name uses it. With Options.ManualTraining this is the only way; else it is done in
// the background.
//
// Errors of storage, of the disk that the copies are on, and of the Sealer. The name keeps what it had, and tries again later.
func (s *Service) Train() (int, error) {
	s.trainTurn.Lock()
	defer s.trainTurn.Unlock()
	made := 0
	var failures error
	for _, name := range s.dueNames() {
		kept := s.takeSamples(name)
		came, err := s.trainFor(name, kept)
		if err != nil {
			failures = errors.Join(failures, fmt.Errorf("train a dictionary for %q: %w", name, err))
		}
		if came == better {
			made++
		}
		s.trainingEnded(name, came)
		if s.opts.Wipe {
			kept.wipe()
		}
	}
	return made, failures
}

// outcome is what came of a training.
type outcome uint8

const (
	postponed outcome = iota // the registry is full, or something failed
	inVain                   // no better than what there is
	better                   // ready to be registered
)

// dueNames are the names with samples enough, sorted.
func (s *Service) dueNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []string
	for name, w := range s.names {
		if w.due(s.opts.TrainAfterValues) && s.ready[name] == nil {
			due = append(due, name)
		}
	}
	slices.Sort(due)
	return due
}

// trainFor is one training, from the samples to a candidate.
func (s *Service) trainFor(name string, kept samples) (outcome, error) {
	current, room, err := s.currentOf(name)
	if err != nil || !room {
		return postponed, err
	}
	id := s.giveID()
	t, err := zdict.Train(id, kept.kept, current)
	if _, untrainable := errors.AsType[*zdict.UntrainableError](err); untrainable {
		return inVain, nil // there is nothing to gain, which is no failure
	}
	if err != nil {
		return postponed, err
	}
	if t.StoredBytes*100 > t.CurrentBytes*betterPercent {
		return inVain, nil
	}
	c := &candidate{dictionary: zdict.Dictionary{
		ID: id, Name: name, Trained: s.opts.Now().UTC(), Samples: uint32(t.Samples), Ratio: t.Ratio(), Bytes: t.Bytes,
	}}
	if current != nil {
		c.replaces = current.ID
	}
	if err := s.prepare(c); err != nil {
		return postponed, err
	}
	return better, nil
}

// takeSamples takes the samples of name from its watch.
func (s *Service) takeSamples(name string) samples {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.names[name]
	kept := w.samples
	kept.shuffled(rand.NewPCG(s.opts.Rand.Uint64(), s.opts.Rand.Uint64()))
	w.collecting, w.samples, w.training = false, samples{}, true
	return kept
}

// trainingEnded lets name collect again, after a while if nothing came of it.
func (s *Service) trainingEnded(name string, came outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.trainings++
	w := s.names[name]
	if w == nil {
		return // closed meanwhile
	}
	w.training = false
	switch came {
	case inVain:
		s.counts.inVain++
		w.inVain(s.opts.TrainAfterValues)
	case postponed:
		s.counts.postponed++
		w.postpone(s.opts.TrainAfterValues)
	case better:
	}
}

// currentOf returns the committed dictionary of name, nil when there is none, and whether the registry has room for another.
func (s *Service) currentOf(name string) (current *zdict.Dictionary, room bool, err error) {
	err = s.opts.Env.View(func(tx *storage.ReadTx) error {
		id, err := currentIn(tx, name)
		if err != nil {
			return err
		}
		unused, err := unusedIn(tx)
		if err != nil {
			return err
		}
		all, ofName := 0, 0
		for d, err := range dictionariesIn(tx) {
			if err != nil {
				return err
			}
			if slices.Contains(unused, d.ID) { // goes when the new one is registered
				continue
			}
			all++
			if d.Name == name {
				ofName++
			}
			if d.ID == id {
				d.Bytes = slices.Clone(d.Bytes)
				current = &d
			}
		}
		room = ofName < dictionariesPerNameMax && all < dictionariesMax
		return nil
	})
	return current, room, err
}

// giveID returns an id that no dictionary ever had.
func (s *Service) giveID() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.nextID
	invariant.Assert(id < math.MaxUint32, "all ids of dictionaries are given")
	s.nextID++
	return id
}

// prepare makes c known beside the environment, durably, and then ready to be registered.
func (s *Service) prepare(c *candidate) error {
	var err error
	if c.decoder, err = zdict.NewDecoder(&c.dictionary, s.decoderOptions()); err != nil {
		return err
	}
	if err := s.writeCopies(&c.dictionary); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready[c.dictionary.Name] = c
	return nil
}
