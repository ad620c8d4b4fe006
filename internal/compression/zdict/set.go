package zdict

// Set reads values of any of its dictionaries. It is what a tool needs that has a file of copies and no environment; the
// service reads with a cache that is bounded.
//
// Add first, then any number of goroutines may call Append.
type Set struct {
	plain    *Decoder // of values without dictionary
	decoders map[uint32]*Decoder
}

// NewSet returns a set that reads values without dictionary.
func NewSet() (*Set, error) {
	plain, err := NewDecoder(nil, DecoderOptions{})
	if err != nil {
		return nil, err
	}
	return &Set{plain: plain, decoders: map[uint32]*Decoder{}}, nil
}

// Add makes values of d readable. An id that is there already stays as it is. *CorruptError.
func (s *Set) Add(d Dictionary) error {
	if s.decoders[d.ID] != nil {
		return nil
	}
	dec, err := NewDecoder(&d, DecoderOptions{})
	if err != nil {
		return err
	}
	s.decoders[d.ID] = dec
	return nil
}

// Append appends the value of stored to dst. *CorruptError, *UnknownDictionaryError.
func (s *Set) Append(dst, stored []byte) ([]byte, error) {
	h, _, err := DecodeHeader(stored)
	if err != nil {
		return dst, err
	}
	if h.Dictionary == 0 {
		return s.plain.Append(dst, stored)
	}
	dec := s.decoders[h.Dictionary]
	if dec == nil {
		return dst, &UnknownDictionaryError{ID: h.Dictionary}
	}
	return dec.Append(dst, stored)
}
