package blob

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"iter"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// Check reads every content and yields what is not as this package leaves it: contents whose hash is another one, chunks that belong to
// nothing, numbers that are two things at once. How many references a blob has is for its owners to compare.
func (s *Store) Check(tx storage.Tx) iter.Seq[error] {
	return func(yield func(error) bool) {
		for _, t := range [...]*table.Table{s.blobs, s.chunks} {
			for err := range t.Check(tx) {
				if !yield(err) {
					return
				}
			}
		}
		known, ok := s.checkBlobs(tx, yield)
		if ok && s.checkLoose(tx, known, yield) {
			s.checkChunks(tx, known, yield)
		}
	}
}

// checkBlobs returns the numbers of blobs.
func (s *Store) checkBlobs(tx storage.Tx, yield func(error) bool) (known map[Number]bool, ok bool) {
	known = map[Number]bool{}
	for row, err := range s.blobs.Ascend(tx, "", nil) {
		if err != nil {
			return known, true // the table's own check has reported it
		}
		b, err := decode(&row)
		if err == nil {
			known[b.Number] = true
			err = s.checkContent(tx, b)
		}
		if err != nil && !yield(err) {
			return known, false
		}
	}
	return known, true
}

// checkContent reads one content.
func (s *Store) checkContent(tx storage.Tx, b Blob) error {
	h := sha256.New()
	r := Reader{store: s, tx: tx, blob: b}
	if _, err := io.Copy(h, &r); err != nil {
		return err
	}
	if Hash(h.Sum(nil)) != b.Hash {
		return r.corrupt("the content has another hash")
	}
	if _, more, err := s.chunks.Get(tx, b.Number.chunkKey(b.Chunks())); err != nil || more {
		if err == nil {
			err = r.corrupt("there are more chunks than its length tells of")
		}
		return err
	}
	return nil
}

// checkLoose adds the numbers that are no blobs to known.
func (s *Store) checkLoose(tx storage.Tx, known map[Number]bool, yield func(error) bool) bool {
	tree, ok := tx.Tree(looseTree)
	if !ok {
		return true
	}
	c := tree.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		if len(c.Key()) != 8 || len(c.Value()) != 1 || c.Value()[0] > garbage {
			if !yield(&CorruptError{Where: looseTree, Why: fmt.Sprintf("entry %x is %x", c.Key(), c.Value())}) {
				return false
			}
			continue
		}
		n := Number(binary.BigEndian.Uint64(c.Key()))
		if known[n] && !yield(&CorruptError{Where: looseTree, Why: fmt.Sprintf("number %d is a blob's too", n)}) {
			return false
		}
		known[n] = true
	}
	if err := c.Err(); err != nil {
		return yield(err)
	}
	return true
}

// checkChunks finds chunks of numbers that are nothing.
func (s *Store) checkChunks(tx storage.Tx, known map[Number]bool, yield func(error) bool) {
	for row, err := range s.chunks.Ascend(tx, "", nil) {
		if err != nil {
			return
		}
		key := row.Field(fieldChunkKey)
		if len(key) == 12 && known[Number(binary.BigEndian.Uint64(key))] {
			continue
		}
		if !yield(&CorruptError{Where: chunksTable, Why: fmt.Sprintf("chunk %x belongs to nothing", key)}) {
			return
		}
	}
}
