package storage

import (
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/vfs"
)

// dataFile writes pages to the data file, sealed, and makes it grow. It belongs to whoever flushes.
type dataFile struct {
	file   *sharedFile
	pages  int64       // length
	view   *fileView   // of all of it
	mapped bool        // views are mappings
	crypto *pageCrypto // nil unless pages are encrypted

	sealed  []byte // pages on their way to the file
	runs    []sealedRun
	written int64 // bytes since open
	grown   int64 // times
}

// sealedRun is neighbouring pages in dataFile.sealed.
type sealedRun struct {
	no       page.No
	from, to int // in sealed
}

// openDataFile shows an existing file of at least pages pages.
func openDataFile(file vfs.File, pages page.No, mapped bool) (*dataFile, error) {
	size, err := file.Size()
	if err != nil {
		return nil, fmt.Errorf("look at data file: %w", err)
	}
	if size/pageBytes < int64(pages) {
		return nil, &CorruptError{File: dataName, Err: fmt.Errorf("%d pages of %d are left", size/pageBytes, pages)}
	}
	d := &dataFile{file: &sharedFile{File: file}, pages: size / pageBytes, mapped: mapped}
	if d.view, err = newFileView(d.file, d.pages, nil, mapped); err != nil {
		return nil, fmt.Errorf("map data file: %w", err)
	}
	d.file.users.Add(1)
	return d, nil
}

// reserve makes the file at least pages long: twice as long as before, or by growPagesMax; when that much is not there,
// as long as needed. The new view is for the next snapshot. vfs.ErrNoSpace is passed on and may be tried again.
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
	view, err := newFileView(d.file, pages, d.view, d.mapped)
	if err != nil {
		return fmt.Errorf("map data file: %w", err)
	}
	d.view.drop()
	d.view, d.pages = view, pages
	d.grown++
	return nil
}

// put seals a copy of b and writes it, at the latest with the next finish. Pages come in ascending order.
func (d *dataFile) put(b *buffer) error {
	if len(d.sealed)+len(b.data) > d.sealedBytesMax() {
		if err := d.finish(); err != nil {
			return err
		}
	}
	d.view.clearVerified(b.no, b.pages())
	at := len(d.sealed)
	d.sealed = append(d.sealed, b.data...)
	if d.crypto != nil {
		d.crypto.seal(d.sealed, at, b)
	} else {
		page.Seal(d.sealed[at:])
	}
	if last := len(d.runs) - 1; last >= 0 && d.runs[last].end() == b.no && at-d.runs[last].from < runBytesMax {
		d.runs[last].to = len(d.sealed)
	} else {
		d.runs = append(d.runs, sealedRun{no: b.no, from: at, to: len(d.sealed)})
	}
	return nil
}

// read fills p with page no, or the run there, as a version in memory has it; see recovery.load.
func (d *dataFile) read(p []byte, no page.No) error {
	if uint64(no) >= uint64(d.pages) {
		return nil
	}
	if err := d.view.read(p, no); err != nil {
		return err
	}
	if d.crypto != nil {
		return d.crypto.open(p, no)
	}
	clear(page.MAC(p))
	return nil
}

// end is the page behind r.
func (r sealedRun) end() page.No { return r.no + page.No((r.to-r.from)/pageBytes) }

// sealedBytesMax is how much is gathered before it is written: more where each time costs a sync.
func (d *dataFile) sealedBytesMax() int {
	if d.crypto != nil {
		return imagesBytesMax
	}
	return runBytesMax
}

// finish writes what put has gathered. An encrypted page that is torn by a power cut is lost whole, so its image is made
// durable elsewhere before.
func (d *dataFile) finish() error {
	if len(d.runs) == 0 {
		return nil
	}
	if d.crypto != nil {
		if err := d.crypto.writeImages(d.sealed); err != nil {
			return err
		}
	}
	for _, r := range d.runs {
		if _, err := d.file.WriteAt(d.sealed[r.from:r.to], int64(r.no)*pageBytes); err != nil {
			return fmt.Errorf("write %d bytes at page %d: %w", r.to-r.from, r.no, err)
		}
	}
	d.written += int64(len(d.sealed))
	d.abandon()
	if cap(d.sealed) > 2*d.sealedBytesMax() {
		d.sealed = nil // one large value must not hold memory for good
	}
	return nil
}

// abandon forgets what put has gathered, after an error.
func (d *dataFile) abandon() {
	d.sealed, d.runs = d.sealed[:0], d.runs[:0]
	if d.crypto != nil {
		d.crypto.abandon()
	}
}

// sync makes durable what was written.
func (d *dataFile) sync() error {
	if planted.Is(planted.SkipDataSync) {
		return nil
	}
	return d.file.Sync()
}

// close ends the use of the file; views that have readers stay.
func (d *dataFile) close() error {
	d.view.drop()
	err := d.file.release()
	if d.crypto != nil {
		err = errors.Join(err, d.crypto.images.close())
	}
	return err
}
