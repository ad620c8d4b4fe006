package blob

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
)

// Begin begins an upload.
func (s *Store) Begin(tx *storage.WriteTx) (Number, error) {
	tree, err := tx.WriteTree(stateTree)
	if err != nil {
		return 0, err
	}
	next := Number(1)
	value, ok, err := tree.Get([]byte(stateNext))
	if err != nil {
		return 0, err
	}
	if ok {
		if len(value) != 8 {
			return 0, &CorruptError{Where: stateTree, Why: "a number has another length"}
		}
		next = Number(binary.BigEndian.Uint64(value))
	}
	if err := tree.Put([]byte(stateNext), (next + 1).key()); err != nil {
		return 0, err
	}
	return next, s.setLoose(tx, next, upload)
}

// WriteChunk stores the chunk of an upload at a place, from 0 up, in the place of one that was stored there before. All but the last one
// must have ChunkBytes. *UploadError.
func (s *Store) WriteChunk(tx *storage.WriteTx, n Number, place int, content []byte) error {
	invariant.Assert(len(content) > 0 && len(content) <= ChunkBytes && place >= 0, "chunk %d of %d bytes", place, len(content))
	if err := s.mustBeUpload(tx, n); err != nil {
		return err
	}
	return s.chunks.Put(tx, [][]byte{fieldChunkKey: n.chunkKey(place), fieldChunkData: content})
}

// Finish makes an upload the content with this hash and length, with one reference, or adds a reference to the same content where that is
// there already. The number is no upload after it. *UploadError.
//
// That the hash and the length are those of the chunks is the caller's to know; Check would find it out.
func (s *Store) Finish(tx *storage.WriteTx, n Number, h Hash, length int64) (Blob, error) {
	if err := s.mustBeUpload(tx, n); err != nil {
		return Blob{}, err
	}
	b, ok, err := s.Get(tx, h)
	if err != nil {
		return Blob{}, err
	}
	if ok {
		b.References++
		if err := s.setLoose(tx, n, garbage); err != nil {
			return Blob{}, err
		}
		return b, s.blobs.Put(tx, b.fields())
	}
	b = Blob{Hash: h, Length: length, References: 1, Number: n}
	if err := s.dropLoose(tx, n); err != nil {
		return Blob{}, err
	}
	return b, s.blobs.Put(tx, b.fields())
}

// Abandon gives up an upload. *UploadError.
func (s *Store) Abandon(tx *storage.WriteTx, n Number) error {
	if err := s.mustBeUpload(tx, n); err != nil {
		return err
	}
	return s.setLoose(tx, n, garbage)
}

// Reference adds a reference to a content. *MissingError.
func (s *Store) Reference(tx *storage.WriteTx, h Hash) (Blob, error) {
	b, ok, err := s.Get(tx, h)
	if err != nil {
		return Blob{}, err
	}
	if !ok {
		return Blob{}, &MissingError{Hash: h}
	}
	b.References++
	return b, s.blobs.Put(tx, b.fields())
}

// Release takes a reference away. The last one takes the content along: its chunks are garbage. *MissingError.
func (s *Store) Release(tx *storage.WriteTx, h Hash) error {
	b, ok, err := s.Get(tx, h)
	if err != nil {
		return err
	}
	if !ok {
		return &MissingError{Hash: h}
	}
	if b.References--; b.References > 0 {
		return s.blobs.Put(tx, b.fields())
	}
	if _, err := s.blobs.Delete(tx, h[:]); err != nil {
		return err
	}
	return s.setLoose(tx, b.Number, garbage)
}

// setLoose notes what a number that is no blob is.
func (s *Store) setLoose(tx *storage.WriteTx, n Number, state byte) error {
	tree, err := tx.WriteTree(looseTree)
	if err != nil {
		return err
	}
	return tree.Put(n.key(), []byte{state})
}

func (s *Store) dropLoose(tx *storage.WriteTx, n Number) error {
	tree, err := tx.WriteTree(looseTree)
	if err != nil {
		return err
	}
	_, err = tree.Delete(n.key())
	return err
}

func (s *Store) mustBeUpload(tx storage.Tx, n Number) error {
	if tree, ok := tx.Tree(looseTree); ok {
		state, ok, err := tree.Get(n.key())
		if err != nil {
			return err
		}
		if ok && len(state) == 1 && state[0] == upload {
			return nil
		}
	}
	return &UploadError{Number: n}
}
