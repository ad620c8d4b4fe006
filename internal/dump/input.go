package dump

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compression is how a file is compressed.
type Compression uint8

// The compressions. AnyCompression is for reading: the first bytes tell.
const (
	AnyCompression Compression = iota
	Plain
	Gzip
	Zstd
)

var compressionNames = [...]string{"any", "plain", "gzip", "zstd"}

// String returns the name in lower case.
func (c Compression) String() string {
	if int(c) < len(compressionNames) {
		return compressionNames[c]
	}
	return "unknown"
}

// magic are the first bytes of compressed files: RFC 1952 section 2.3.1, RFC 8878 section 3.1.1.
var (
	gzipMagic = []byte{0x1F, 0x8B}
	zstdMagic = []byte{0x28, 0xB5, 0x2F, 0xFD}
)

// source is the file as it is given: it counts what is read, and keeps the error that reading it ended with.
type source struct {
	from  io.Reader
	head  []byte // read for sniffing, to be given again
	bytes int64  // given to the decompressor
	err   error  // other than io.EOF
}

// peek returns up to n first bytes, without consuming them.
func (s *source) peek(n int) ([]byte, error) {
	s.head = make([]byte, n)
	got, err := io.ReadFull(s.from, s.head)
	s.head = s.head[:got]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		s.err = fmt.Errorf("read the file: %w", err)
		return nil, s.err
	}
	return s.head, nil
}

func (s *source) Read(p []byte) (n int, err error) {
	if len(s.head) > 0 {
		n = copy(p, s.head)
		s.head = s.head[n:]
	} else {
		n, err = s.from.Read(p)
	}
	s.bytes += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = fmt.Errorf("read the file: %w", err)
	}
	return n, err
}

// plainText gives the uncompressed text of a file. Its errors are io.EOF, errCut, *CompressionError and those of the file.
type plainText struct {
	source      *source
	compression Compression
	text        io.Reader
	close       func()
}

// uncompress begins to read s, which is compressed as c says, or as its first bytes do.
func uncompress(s *source, c Compression) (*plainText, error) {
	head, err := s.peek(len(zstdMagic))
	if err != nil {
		return nil, err
	}
	if c == AnyCompression {
		c = compressionOf(head)
	}
	p := &plainText{source: s, compression: c, text: s, close: func() {}}
	switch c {
	case Gzip:
		var z *gzip.Reader
		if z, err = gzip.NewReader(s); err == nil {
			p.text = z
		}
	case Zstd:
		var z *zstd.Decoder
		z, err = zstd.NewReader(s, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindowMax))
		if err == nil {
			p.text, p.close = z, z.Close
		}
	default:
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // not even a header
	}
	if err != nil {
		return nil, p.explain(err)
	}
	return p, nil
}

func compressionOf(head []byte) Compression {
	switch {
	case hasPrefix(head, gzipMagic):
		return Gzip
	case hasPrefix(head, zstdMagic):
		return Zstd
	}
	return Plain
}

func (p *plainText) Read(b []byte) (int, error) {
	n, err := p.text.Read(b)
	return n, p.explain(err)
}

// explain tells an error of the file from one of what is in it.
func (p *plainText) explain(err error) error {
	switch {
	case err == nil || p.source.err == nil && errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case p.source.err != nil:
		return p.source.err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errCut
	}
	return &CompressionError{Off: p.source.bytes, Compression: p.compression, Err: err}
}

// errCut says that the text ends where it should go on. Readers make a *CutError of it.
var errCut = errors.New("the text is cut")
