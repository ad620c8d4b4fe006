package dump

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/rookerydb/rookery/internal/invariant"
)

// compressor is what gzip and zstd have in common.
type compressor interface {
	io.Writer
	Flush() error
	Close() error
}

// sink collects text, compresses it and writes it out. Its first error stays.
type sink struct {
	block []byte
	to    compressor
	bytes int64 // of text, compressed or waiting
	err   error
}

// newSink compresses as c says; AnyCompression is gzip.
func newSink(w io.Writer, c Compression) *sink {
	s := &sink{}
	switch c {
	case AnyCompression, Gzip:
		s.to, s.err = gzip.NewWriterLevel(w, gzip.BestSpeed)
	case Zstd:
		s.to, s.err = zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
			zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(zstdWindow))
	case Plain:
		s.to = plainCompressor{w}
	}
	invariant.Assert(s.to != nil && s.err == nil, "compression %d: %v", c, s.err)
	return s
}

// zstdWindow is how far back zstd looks: what our readers take is larger, and other readers need no more memory for it.
const zstdWindow = 1 << 20

// plainCompressor compresses nothing.
type plainCompressor struct{ io.Writer }

func (plainCompressor) Flush() error { return nil }
func (plainCompressor) Close() error { return nil }

// wrote is called behind each item, and passes on what has come together.
func (s *sink) wrote() error {
	if len(s.block) >= writeBytes {
		s.drain()
	}
	return s.err
}

func (s *sink) drain() {
	s.bytes += int64(len(s.block))
	if s.err == nil {
		_, s.err = s.to.Write(s.block)
		s.err = writing(s.err)
	}
	if s.block = s.block[:0]; cap(s.block) > keptBytesMax {
		s.block = nil // one huge item must not hold memory for good
	}
}

// flush passes on all there is, so that whoever reads the file sees every item added.
func (s *sink) flush() error {
	s.drain()
	if s.err == nil {
		s.err = writing(s.to.Flush())
	}
	return s.err
}

// close ends the compressed data. Behind it, the error is *ClosedError.
func (s *sink) close() error {
	if errors.Is(s.err, errClosed) {
		return nil
	}
	s.drain()
	err := s.err
	if err == nil {
		err = writing(s.to.Close())
	}
	s.err = errClosed
	return err
}

var errClosed error = &ClosedError{}

func writing(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write the file: %w", err)
}
