package dump

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// Chunk is a piece of an attachment's content: one item of kind Attachments. The pieces of a content follow each other.
type Chunk struct {
	Hash string // of the whole content, as documents name it; this package does not compute it
	Size int64  // of the whole content, in bytes
	Off  int64  // of Data in it
	Data []byte
}

// Last reports whether the content ends with c.
func (c *Chunk) Last() bool { return c.Off+int64(len(c.Data)) == c.Size }

// ChunkError says that pieces of attachments are not what they say.
type ChunkError struct {
	Hash string
	Msg  string
}

func (e *ChunkError) Error() string { return fmt.Sprintf("attachment %s: %s", quote(e.Hash), e.Msg) }

func (e *ChunkError) Kind() fault.Kind { return fault.Invalid }

// AddAttachment adds the content of an attachment, size bytes that come from content. When content gives less or more, or
// fails, the error stays: a dump with half an attachment is not to be taken for a whole one.
func (d *Writer) AddAttachment(hash string, size int64, content io.Reader) error {
	if d.chunk == nil {
		d.chunk = make([]byte, ChunkBytes)
	}
	for off := int64(0); ; {
		n, err := io.ReadFull(content, d.chunk[:min(ChunkBytes, size-off)])
		if err != nil {
			return d.abandon(fmt.Errorf("read attachment %s: %w", quote(hash), err))
		}
		if err := d.addChunk(Chunk{Hash: hash, Size: size, Off: off, Data: d.chunk[:n]}); err != nil {
			return err
		}
		if off += int64(n); off == size {
			break
		}
	}
	if n, err := io.ReadFull(content, d.chunk[:1]); n > 0 || !errors.Is(err, io.EOF) {
		return d.abandon(&ChunkError{Hash: hash, Msg: fmt.Sprintf("its content goes on behind %d bytes, or could not be read to its end: %v", size, err)})
	}
	return nil
}

func (d *Writer) abandon(err error) error {
	if d.out.err == nil {
		d.out.err = err
	}
	return err
}

func (d *Writer) addChunk(c Chunk) error {
	return d.Add(Attachments, func(dst []byte) []byte {
		dst = jsondoc.AppendString(append(dst, `{"Hash":`...), c.Hash)
		dst = strconv.AppendInt(append(dst, `,"Size":`...), c.Size, 10)
		dst = strconv.AppendInt(append(dst, `,"Off":`...), c.Off, 10)
		dst = base64.StdEncoding.AppendEncode(append(dst, `,"Data":"`...), c.Data)
		return append(dst, `"}`...)
	})
}

// Chunks follows the pieces of attachments, as a Reader gives them. The zero value is ready.
type Chunks struct {
	open Chunk // the content that is not at its end; Hash is "" when there is none
	next int64
	data []byte
}

// Take reads the next item of kind Attachments. Data is valid until the next call. Errors: *ShapeError, and *ChunkError for a
// piece that does not follow the one before. A *ChunkError with a Chunk that has a Hash speaks of the content before, which
// was left unfinished: the Chunk is good, and begins the next one.
func (c *Chunks) Take(doc jsondoc.Doc) (Chunk, error) {
	chunk, err := c.parse(doc.Root())
	if err != nil {
		return Chunk{}, err
	}
	if c.open.Hash != "" && chunk.Off == 0 {
		missing := c.Close()
		c.begin(chunk)
		return chunk, missing
	}
	if c.open.Hash == "" && chunk.Off == 0 {
		c.begin(chunk)
		return chunk, nil
	}
	if chunk.Hash != c.open.Hash || chunk.Size != c.open.Size || chunk.Off != c.next {
		return Chunk{}, &ChunkError{Hash: chunk.Hash, Msg: fmt.Sprintf("byte %d does not follow what came before", chunk.Off)}
	}
	c.begin(chunk)
	return chunk, nil
}

// begin notes what the next piece must be.
func (c *Chunks) begin(chunk Chunk) {
	c.open, c.next = Chunk{Hash: chunk.Hash, Size: chunk.Size}, chunk.Off+int64(len(chunk.Data))
	if chunk.Last() {
		c.open = Chunk{}
	}
}

// Close is called behind the last piece. The error is a *ChunkError if it was not the end of its content.
func (c *Chunks) Close() error {
	if c.open.Hash == "" {
		return nil
	}
	err := &ChunkError{Hash: c.open.Hash, Msg: fmt.Sprintf("the content ends behind %d of %d bytes", c.next, c.open.Size)}
	c.open = Chunk{}
	return err
}

func (c *Chunks) parse(item jsondoc.Value) (Chunk, error) {
	hash, _ := item.Field("Hash")
	size, _ := item.Field("Size")
	off, _ := item.Field("Off")
	data, _ := item.Field("Data")
	chunk := Chunk{Hash: hash.Str()}
	var ok1, ok2 bool
	chunk.Size, ok1 = size.Int64()
	chunk.Off, ok2 = off.Int64()
	if chunk.Hash == "" || !ok1 || !ok2 || data.Kind() != jsondoc.String {
		return Chunk{}, &ShapeError{Msg: "a piece of an attachment has Hash and Data, strings, and Size and Off, whole numbers"}
	}
	var err error
	c.data, err = base64.StdEncoding.AppendDecode(c.data[:0], data.Bytes(nil))
	chunk.Data = c.data
	if err != nil {
		return Chunk{}, &ShapeError{Msg: "the data of an attachment is not base64: " + err.Error()}
	}
	n := int64(len(chunk.Data))
	if chunk.Off < 0 || chunk.Size < 0 || chunk.Size-chunk.Off < n || n == 0 && chunk.Size > 0 {
		return Chunk{}, &ShapeError{Msg: fmt.Sprintf("%d bytes at %d are no piece of a content of %d bytes", n, chunk.Off, chunk.Size)}
	}
	return chunk, nil
}
