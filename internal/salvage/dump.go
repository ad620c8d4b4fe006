package salvage

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"

	"github.com/klauspost/compress/gzip"

	"github.com/rookerydb/rookery/internal/vfs"
)

// The export format: gzipped JSON, one object whose member Docs has the documents as clients read them. The page
// docs/format/export.md describes it.
const (
	// exportVersion tells an importer which features a file may use: those of the protocol version that the server speaks.
	exportVersion = 54117

	dumpHead = `{"BuildVersion":` // then exportVersion
	dumpDocs = `,"Docs":[`
	dumpTail = "\n]}\n"
)

// dump writes one export file. A goroutine of its own compresses; it ends with close, or abandon.
type dump struct {
	fs    vfs.FS
	name  string
	block []byte      // being filled
	full  chan []byte // to the compressor; capacity 2, so that it never waits for a block when there is work
	empty chan []byte // back from it; capacity 4, which is all blocks
	done  chan error  // the compressor's end; capacity 1
	count int64
	bytes int64

	file      vfs.File
	fileBytes int64 // the compressor's until done
}

// createDump begins the file called name, under another name until close.
func createDump(fsys vfs.FS, name string) (*dump, error) {
	file, err := fsys.Open(name+".new", vfs.Write|vfs.Create)
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(0); err != nil {
		return nil, errors.Join(fmt.Errorf("empty %s: %w", name, err), file.Close())
	}
	d := &dump{
		fs: fsys, name: name, file: file,
		full: make(chan []byte, 2), empty: make(chan []byte, 4), done: make(chan error, 1),
	}
	for range cap(d.empty) {
		d.empty <- nil
	}
	go func() { d.done <- d.compress() }()
	d.block = <-d.empty
	d.block = strconv.AppendInt(append(d.block, dumpHead...), exportVersion, 10)
	d.block = append(d.block, dumpDocs...)
	return d, nil
}

// add appends one document, which appendJSON appends to what it is given. An error of the disk may show only in close.
func (d *dump) add(appendJSON func(dst []byte) []byte) {
	if d.count > 0 {
		d.block = append(d.block, ',')
	}
	d.block = append(d.block, '\n')
	before := len(d.block)
	d.block = appendJSON(d.block)
	d.count++
	d.bytes += int64(len(d.block) - before)
	if len(d.block) >= dumpBlockBytes {
		d.full <- d.block
		d.block = <-d.empty
	}
}

// compress takes blocks until there are no more. After an error it takes them and drops them.
func (d *dump) compress() error {
	zip, err := gzip.NewWriterLevel(&fileWriter{d}, gzip.BestSpeed)
	for block := range d.full {
		if err == nil {
			_, err = zip.Write(block)
		}
		if cap(block) > 4*dumpBlockBytes {
			block = nil // one huge document must not hold memory for good
		}
		d.empty <- block[:0]
	}
	if err != nil {
		return err
	}
	return zip.Close()
}

// fileWriter appends to the file of a dump.
type fileWriter struct{ d *dump }

func (w *fileWriter) Write(p []byte) (int, error) {
	n, err := w.d.file.WriteAt(p, w.d.fileBytes)
	w.d.fileBytes += int64(n)
	return n, err
}

// close ends the file, makes it durable and gives it its name.
func (d *dump) close() error {
	d.block = append(d.block, dumpTail...)
	d.full <- d.block
	if err := d.finish(); err != nil {
		return fmt.Errorf("write %s: %w", d.name, err)
	}
	if err := d.fs.Rename(d.name+".new", d.name); err != nil {
		return err
	}
	return d.fs.SyncDir(path.Dir(d.name))
}

// finish waits for the compressor, and closes the file.
func (d *dump) finish() error {
	close(d.full)
	err := <-d.done
	if err == nil {
		err = d.file.Sync()
	}
	if closed := d.file.Close(); err == nil {
		err = closed
	}
	return err
}

// abandon ends the goroutine after an error elsewhere, and removes what was written.
func (d *dump) abandon() {
	_ = d.finish() // the other error is the one that counts
	_ = d.fs.Remove(d.name + ".new")
}

var _ io.Writer = (*fileWriter)(nil)
