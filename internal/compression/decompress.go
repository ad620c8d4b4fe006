package compression

import (
	"errors"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
)

// Decompress appends the value of stored, which was found in tx, to dst. Whether names are still compressed does not matter.
// Nothing is allocated when dst is long enough and the dictionary has been used before.
//
// *zdict.CorruptError, *zdict.UnknownDictionaryError, *CorruptError, errors of storage; dst is returned as it was then.
func (s *Service) Decompress(tx storage.Tx, dst, stored []byte) ([]byte, error) {
	h, body, err := zdict.DecodeHeader(stored)
	if err != nil {
		return dst, err
	}
	if !h.Compressed {
		return append(dst, body...), nil
	}
	dec, err := s.decoder(tx, h.Dictionary)
	if err != nil {
		return dst, err
	}
	return dec.Append(dst, stored)
}

// decoder returns the decoder of dictionary id, which a value of tx needs.
func (s *Service) decoder(tx storage.Tx, id uint32) (*zdict.Decoder, error) {
	c := s.decoders.get(id)
	if c == nil {
		return s.loadDecoder(tx, id)
	}
	if c.since > tx.ID() { // not our mistake but bytes that changed: values come after their dictionaries
		return nil, &CorruptError{Dictionary: id, Why: "a value needs it that is older than it is"}
	}
	return c.decoder, nil
}

// loadDecoder makes the decoder of a dictionary that was not used lately.
func (s *Service) loadDecoder(tx storage.Tx, id uint32) (*zdict.Decoder, error) {
	d, since, found, err := registered(tx, id)
	switch {
	case fault.Of(err) == fault.Corrupt:
		d, since, err = s.rescue(id, err)
	case err == nil && !found: // not for the copies: they may have dictionaries that were never registered
		err = &zdict.UnknownDictionaryError{ID: id}
	}
	if err != nil {
		return nil, err
	}
	if since >= tx.ID() {
		if _, own := tx.(*storage.WriteTx); own { // registered here, and may be dropped yet
			return s.ownDecoder(d)
		}
	}
	dec, err := zdict.NewDecoder(&d, s.decoderOptions())
	if err != nil {
		return nil, err
	}
	s.decoders.add(id, &cachedDecoder{decoder: dec, since: since})
	return dec, nil
}

// registered returns a dictionary of the registry and the transaction that put it there.
func registered(tx storage.Tx, id uint32) (d zdict.Dictionary, since storage.TxID, found bool, err error) {
	d, found, err = dictionaryIn(tx, id)
	if err != nil || !found {
		return d, 0, found, err
	}
	u, _, err := usageIn(tx, id)
	return d, u.since, true, err
}

// rescue looks for a dictionary in the copies, because the registry is damaged as cause says.
func (s *Service) rescue(id uint32, cause error) (zdict.Dictionary, storage.TxID, error) {
	copies, err := ReadCopies(s.opts.FS, s.opts.Dir, s.opts.Sealer)
	for _, d := range copies.Dictionaries {
		if d.ID == id {
			s.opts.Logger.Warn("dictionary read from a copy", "dir", s.opts.Dir, "dictionary", id, "err", cause)
			return d, 0, nil
		}
	}
	return zdict.Dictionary{}, 0, errors.Join(cause, err)
}

// ownDecoder returns the decoder of a dictionary that the asking transaction registered itself.
func (s *Service) ownDecoder(d zdict.Dictionary) (*zdict.Decoder, error) {
	s.mu.Lock()
	c := s.ready[d.Name]
	s.mu.Unlock()
	if c != nil && c.dictionary.ID == d.ID {
		return c.decoder, nil
	}
	return zdict.NewDecoder(&d, s.decoderOptions())
}
