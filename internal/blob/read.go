package blob

import (
	"errors"
	"fmt"
	"io"

	"github.com/rookerydb/rookery/internal/storage"
)

// Get returns what is known of a content; false when it is not there.
func (s *Store) Get(tx storage.Tx, h Hash) (Blob, bool, error) {
	row, ok, err := s.blobs.Get(tx, h[:])
	if err != nil || !ok {
		return Blob{}, false, err
	}
	b, err := decode(&row)
	return b, err == nil, err
}

// Open returns a reader of a content, from its beginning. It reads in tx, and ends with it. *MissingError.
func (s *Store) Open(tx storage.Tx, h Hash) (*Reader, error) {
	b, ok, err := s.Get(tx, h)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &MissingError{Hash: h}
	}
	return &Reader{store: s, tx: tx, blob: b}, nil
}

// Reader reads one content. It holds nothing but its place: what it reads lies in pages. One goroutine at a time.
type Reader struct {
	store *Store
	tx    storage.Tx
	blob  Blob
	off   int64
}

// Blob returns what is read.
func (r *Reader) Blob() Blob { return r.blob }

// Read implements io.Reader. A chunk that is missing or too short is a *CorruptError.
func (r *Reader) Read(p []byte) (int, error) {
	if r.off >= r.blob.Length {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	chunk, err := r.chunk()
	if err != nil {
		return 0, err
	}
	n := copy(p, chunk)
	r.off += int64(n)
	return n, nil
}

// WriteTo implements io.WriterTo: chunks go to w as they lie in their pages.
func (r *Reader) WriteTo(w io.Writer) (written int64, err error) {
	for r.off < r.blob.Length {
		chunk, err := r.chunk()
		if err != nil {
			return written, err
		}
		n, err := w.Write(chunk)
		written += int64(n)
		r.off += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// chunk returns what there is from the reader's place to the end of its chunk.
func (r *Reader) chunk() ([]byte, error) {
	place, from := int(r.off/ChunkBytes), r.off%ChunkBytes
	row, ok, err := r.store.chunks.Get(r.tx, r.blob.Number.chunkKey(place))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, r.corrupt(fmt.Sprintf("chunk %d is missing", place))
	}
	content := row.Field(fieldChunkData)
	if want := min(ChunkBytes, r.blob.Length-int64(place)*ChunkBytes); int64(len(content)) != want {
		return nil, r.corrupt(fmt.Sprintf("chunk %d has %d bytes, not %d", place, len(content), want))
	}
	return content[from:], nil
}

func (r *Reader) corrupt(why string) error {
	return &CorruptError{Where: chunksTable, Hash: r.blob.Hash.String(), Why: why}
}

var errBeforeBeginning = errors.New("seek to a place before the beginning")

// Seek implements io.Seeker. A place behind the end is allowed, and reads as the end.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.off
	case io.SeekEnd:
		offset += r.blob.Length
	}
	if offset < 0 {
		return r.off, errBeforeBeginning
	}
	r.off = offset
	return offset, nil
}
