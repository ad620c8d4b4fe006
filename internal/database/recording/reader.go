package recording

import (
	"errors"
	"io"
)

// Reader takes a recording apart, entry by entry.
type Reader struct {
	from   io.Reader
	header Header
	buf    []byte // the entry
}

// NewReader reads the header. *DecodeError, *NewerFormatError, and errors of from.
func NewReader(from io.Reader) (*Reader, error) {
	r := &Reader{from: from}
	if err := r.fill(HeaderBytes); err != nil {
		if cut := (*CutShortError)(nil); errors.As(err, &cut) || errors.Is(err, io.EOF) {
			err = &DecodeError{Reason: "it is shorter than the header of a recording"}
		}
		return nil, err
	}
	var err error
	r.header, _, err = DecodeHeader(r.buf)
	return r, err
}

// Header is what the file says of itself.
func (r *Reader) Header() Header { return r.header }

// Next returns the next entry, whose fields are valid until the next call. io.EOF at the end; *CutShortError when that is in the
// middle of an entry, *DecodeError, and errors of the underlying reader.
func (r *Reader) Next() (Entry, error) {
	r.buf = r.buf[:0]
	if err := r.fill(entryHead); err != nil {
		return Entry{}, err
	}
	size, err := entryBytes(r.buf)
	if err != nil {
		return Entry{}, err
	}
	if err := r.fill(size); err != nil {
		return Entry{}, err
	}
	e, _, err := DecodeEntry(r.buf)
	return e, err
}

// fill makes buf size bytes long. It takes memory as the bytes come, so that a length that lies costs nothing.
func (r *Reader) fill(size int) error {
	for len(r.buf) < size {
		have := len(r.buf)
		r.buf = append(r.buf, make([]byte, min(size-have, max(have, readAheadBytes)))...)
		n, err := io.ReadFull(r.from, r.buf[have:])
		if errors.Is(err, io.EOF) && have+n > 0 || errors.Is(err, io.ErrUnexpectedEOF) {
			return &CutShortError{Bytes: have + n}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
