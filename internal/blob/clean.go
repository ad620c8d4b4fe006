package blob

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage"
)

// Clean removes garbage: at most chunksMax chunks, so that the transaction stays small. alive says which uploads somebody works on; the
// others are garbage too. It returns whether there is more to remove.
func (s *Store) Clean(tx *storage.WriteTx, chunksMax int, alive func(Number) bool) (more bool, err error) {
	for {
		n, found, err := s.firstGarbage(tx, alive)
		if err != nil || !found {
			return false, err
		}
		for {
			key, found, err := s.firstChunk(tx, n)
			if err != nil {
				return false, err
			}
			if !found {
				break
			}
			if chunksMax == 0 {
				return true, nil
			}
			chunksMax--
			if _, err := s.chunks.Delete(tx, key); err != nil {
				return false, err
			}
		}
		if err := s.dropLoose(tx, n); err != nil {
			return false, err
		}
	}
}

// firstGarbage returns the lowest number that is garbage.
func (s *Store) firstGarbage(tx storage.Tx, alive func(Number) bool) (n Number, found bool, err error) {
	tree, ok := tx.Tree(looseTree)
	if !ok {
		return 0, false, nil
	}
	c := tree.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		if len(c.Key()) != 8 || len(c.Value()) != 1 {
			return 0, false, &CorruptError{Where: looseTree, Why: "an entry has another length"}
		}
		n := Number(binary.BigEndian.Uint64(c.Key()))
		if c.Value()[0] == garbage || !alive(n) {
			return n, true, nil
		}
	}
	return 0, false, c.Err()
}

// firstChunk returns the key of the first chunk of a number.
func (s *Store) firstChunk(tx storage.Tx, n Number) (key []byte, found bool, err error) {
	for row, err := range s.chunks.AscendPrefix(tx, "", n.key()) {
		if err != nil {
			return nil, false, err
		}
		return bytes.Clone(row.Field(fieldChunkKey)), true, nil
	}
	return nil, false, nil
}
