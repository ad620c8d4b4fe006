package compression

import (
	"math/rand/v2"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// Session compresses in one write transaction. One goroutine at a time.
//
// Whatever it does to the environment is part of the transaction. What it learned for later, samples and ratios, is kept
// when Committed is called, and forgotten otherwise.
type Session struct {
	service  *Service
	tx       *storage.WriteTx
	id       storage.TxID
	lanes    []*lane // in the order of their first use
	byName   map[string]*lane
	encoders []*zdict.Encoder // the one used last at the end
	chance   rand.PCG
	ended    bool
}

// lane is one name in a session.
type lane struct {
	name       string
	current    uint32  // dictionary for new values, 0 for none
	ratio      float64 // that current promised
	values     int     // that a dictionary is for, in this session
	raw        int     // their bytes
	stored     int     // and what became of them
	collecting bool
	samples    samples
}

// Compress appends the stored form of value to dst, compressed as values of name are if that is worth it. It may be
// stored, moved and copied as it is; when it is replaced or deleted, it must be released.
//
// *NameError; errors of storage, after which the transaction can only be rolled back. dst is returned as it was with any error.
func (s *Session) Compress(dst []byte, name string, value []byte) ([]byte, error) {
	l, err := s.lane(name)
	if err != nil {
		return dst, err
	}
	id := l.current
	if len(value) > zdict.DictionaryValueBytesMax {
		id = 0
	}
	e, err := s.encoder(id)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = e.Append(dst, value)
	if h, _, _ := zdict.DecodeHeader(dst[start:]); h.Dictionary != 0 {
		if err := countValue(s.tx, id, true); err != nil {
			return dst[:start], err
		}
	}
	l.note(value, len(dst)-start, &s.chance)
	return dst, nil
}

// Release notes that a stored value is gone: replaced or deleted.
//
// *zdict.CorruptError when stored is no stored value, *CorruptError when it was released before; errors of storage.
func (s *Session) Release(stored []byte) error {
	invariant.Assert(!s.ended, "release in a session that has ended")
	h, _, err := zdict.DecodeHeader(stored)
	if err != nil || h.Dictionary == 0 {
		return err
	}
	return countValue(s.tx, h.Dictionary, false)
}

// DropUnused removes the dictionaries that no value needs any more, and returns how many. The copies lose them when
// they are next written.
func (s *Session) DropUnused() (int, error) {
	invariant.Assert(!s.ended, "drop in a session that has ended")
	return dropUnused(s.tx)
}

// Committed ends the session, once its transaction has been committed.
func (s *Session) Committed() {
	invariant.Assert(!s.ended, "session ended twice")
	s.service.learn(s)
	s.end()
}

// Drop ends the session and forgets what it learned. After Committed or Drop it does nothing.
func (s *Session) Drop() {
	if !s.ended {
		s.end()
	}
}

func (s *Session) end() {
	s.ended = true
	for _, l := range s.lanes {
		if s.service.opts.Wipe {
			l.samples.wipe()
		}
	}
	for _, e := range s.encoders {
		s.service.putEncoder(e)
	}
	s.tx, s.lanes, s.byName, s.encoders = nil, nil, nil, nil
}

// lane returns what is known of name, looked up in the transaction when this is the first time.
func (s *Session) lane(name string) (*lane, error) {
	invariant.Assert(!s.ended, "compress in a session that has ended")
	if l := s.byName[name]; l != nil {
		return l, nil
	}
	if len(name) == 0 || len(name) > zdict.NameBytesMax {
		return nil, &NameError{Bytes: len(name)}
	}
	current, err := currentIn(s.tx, name)
	if err != nil {
		return nil, err
	}
	if c := s.service.candidateFor(name, current); c != nil {
		if err := s.register(c); err != nil {
			return nil, err
		}
		current = c.dictionary.ID
	}
	ratio, err := s.service.ratioOf(s.tx, name, current)
	if err != nil {
		return nil, err
	}
	l := &lane{name: name, current: current, ratio: ratio, collecting: s.service.wantsSamples(name, current)}
	s.lanes, s.byName[name] = append(s.lanes, l), l
	return l, nil
}

// register makes a trained dictionary part of the transaction; what is unused goes.
func (s *Session) register(c *candidate) error {
	if planted.Is(planted.KeepLostDictionary) && c.registered {
		return nil
	}
	c.registered = true
	if err := register(s.tx, c.dictionary); err != nil {
		return err
	}
	_, err := dropUnused(s.tx)
	return err
}

// encoder returns the encoder of dictionary id.
func (s *Session) encoder(id uint32) (*zdict.Encoder, error) {
	last := len(s.encoders) - 1
	for i := last; i >= 0; i-- {
		if e := s.encoders[i]; e.ID() == id {
			copy(s.encoders[i:], s.encoders[i+1:])
			s.encoders[last] = e
			return e, nil
		}
	}
	e, err := s.service.takeEncoder(s.tx, id)
	if err != nil {
		return nil, err
	}
	if len(s.encoders) == encodersMax {
		s.service.putEncoder(s.encoders[0])
		s.encoders = append(s.encoders[:0], s.encoders[1:]...)
	}
	s.encoders = append(s.encoders, e)
	return e, nil
}

// note learns from a value that was stored.
func (l *lane) note(value []byte, stored int, chance rand.Source) {
	if len(value) < zdict.WorthBytesMin || len(value) > zdict.DictionaryValueBytesMax {
		return
	}
	l.values++
	l.raw += len(value)
	l.stored += stored
	if l.collecting {
		l.samples.offer(value, chance)
	}
}
