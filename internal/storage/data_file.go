package storage

import (
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// dataFile writes pages to the data file, sealed, and makes it grow. It belongs to whoever flushes.
type dataFile struct {
	file   vfs.File
	pages  int64    // length
	mapped *mapping // of all of it

	run      []byte // sealed pages on their way to the file
	runStart page.No
	written  int64 // bytes since open
	grown    int64 // times
}

// openDataFile maps an existing file of at least pages pages.
func openDataFile(file vfs.File, pages page.No) (*dataFile, error) {
	size, err := file.Size()
	if err != nil {
		return nil, fmt.Errorf("look at data file: %w", err)
	}
	if size/pageBytes < int64(pages) {
		return nil, &CorruptError{File: dataName, Err: fmt.Errorf("%d pages of %d are left", size/pageBytes, pages)}
	}
	d := &dataFile{file: file, pages: size / pageBytes}
	if d.mapped, err = newMapping(file, d.pages, nil); err != nil {
		return nil, fmt.Errorf("map data file: %w", err)
	}
	return d, nil
}

// reserve makes the file at least pages long: twice as long as before, or by growPagesMax; when that much is not there,
// as long as needed. The new mapping is for the next snapshot. vfs.ErrNoSpace is passed on and may be tried again.
func (d *dataFile) reserve(pages page.No) error {
	need := int64(pages)
	if need <= d.pages {
		return nil
	}
	want := max(need, d.pages+min(d.pages, growPagesMax), growPagesMin)
	err := d.extend(want)
	if errors.Is(err, vfs.ErrNoSpace) && want > need {
		err = d.extend(need)
	}
	return err
}

func (d *dataFile) extend(pages int64) error {
	if err := d.file.Allocate(d.pages*pageBytes, (pages-d.pages)*pageBytes); err != nil {
		return fmt.Errorf("extend data file to %d pages: %w", pages, err)
	}
	mapped, err := newMapping(d.file, pages, d.mapped)
	if err != nil {
		return fmt.Errorf("map data file: %w", err)
	}
	d.mapped.drop()
	d.mapped, d.pages = mapped, pages
	d.grown++
	return nil
}

// put seals a copy of b and writes it, at the latest with the next finish. Pages come in ascending order.
func (d *dataFile) put(b *buffer) error {
	if end := d.runStart + page.No(len(d.run)/pageBytes); b.no != end || len(d.run)+len(b.data) > runBytesMax {
		if err := d.finish(); err != nil {
			return err
		}
		d.runStart = b.no
	}
	d.mapped.clearVerified(b.no, b.pages())
	at := len(d.run)
	d.run = append(d.run, b.data...)
	page.Seal(d.run[at:])
	return nil
}

// finish writes what put has gathered.
func (d *dataFile) finish() error {
	if len(d.run) == 0 {
		return nil
	}
	if _, err := d.file.WriteAt(d.run, int64(d.runStart)*pageBytes); err != nil {
		return fmt.Errorf("write %d bytes at page %d: %w", len(d.run), d.runStart, err)
	}
	d.written += int64(len(d.run))
	d.run = d.run[:0]
	if cap(d.run) > 2*runBytesMax {
		d.run = nil // one large value must not hold memory for good
	}
	return nil
}

// abandon forgets what put has gathered, after an error.
func (d *dataFile) abandon() { d.run = d.run[:0] }

func (d *dataFile) close() error {
	d.mapped.drop()
	return d.file.Close()
}
