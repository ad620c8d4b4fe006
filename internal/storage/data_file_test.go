package storage

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// hugeFile stands for a data file of any length: it remembers the length and has no bytes.
type hugeFile struct {
	vfs.File // nil: nothing else is called
	bytes    int64
	room     int64 // the length that the disk has room for
	asked    []int64
}

func (f *hugeFile) Allocate(off, length int64) error {
	f.asked = append(f.asked, off+length)
	if off+length > f.room {
		return fmt.Errorf("allocate: %w", vfs.ErrNoSpace)
	}
	f.bytes = max(f.bytes, off+length)
	return nil
}

// grow returns how many pages a file of that many has when need are needed, on a disk with room for that many.
func grow(t *testing.T, pages, need, room int64) (int64, error) {
	t.Helper()
	f := &hugeFile{bytes: pages * pageBytes, room: room * pageBytes}
	d := &dataFile{file: &sharedFile{File: f}, pages: pages}
	var err error
	if d.view, err = newFileView(d.file, pages, nil, false); err != nil { // nothing is mapped: so long a mapping no test can have
		t.Fatal(err)
	}
	d.file.users.Add(1)
	err = d.reserve(page.No(need))
	if d.pages*pageBytes != f.bytes {
		t.Errorf("%d pages are known, %d bytes there", d.pages, f.bytes)
	}
	return d.pages, err
}

func TestDataFile_DoublesToAGibibyteThenGrowsByOne(t *testing.T) {
	const gib, endless = growPagesMax, 1 << 40
	if gib*pageBytes != 1<<30 {
		t.Errorf("a step is %d bytes", gib*pageBytes)
	}
	f := func(pages, need, want int64) {
		t.Helper()
		got, err := grow(t, pages, need, endless)
		if err != nil || got != want {
			t.Errorf("%d pages, %d needed: grew to %d, %v; want %d", pages, need, got, err, want)
		}
	}
	f(0, 3, growPagesMin)
	f(growPagesMin, growPagesMin, growPagesMin) // enough
	f(growPagesMin, growPagesMin+1, 2*growPagesMin)
	f(growPagesMin, 1000, 1000) // more than double
	f(gib/2, gib/2+1, gib)
	f(gib-1, gib, 2*gib-2) // the last doubling
	f(gib, gib+1, 2*gib)   // the first step, as large as the doubling would be
	f(gib+1, gib+2, 2*gib+1)
	f(2*gib, 2*gib+1, 3*gib) // no doubling any more
	f(1000*gib, 1000*gib+1, 1001*gib)
	f(2*gib, 5*gib, 5*gib) // one huge value
}

func TestDataFile_TakesWhatIsNeededOfAFullDisk(t *testing.T) {
	got, err := grow(t, 100, 101, 150)
	if err != nil || got != 101 {
		t.Errorf("room for less than double: %d pages, %v", got, err)
	}
	got, err = grow(t, 100, 101, 100)
	if !errors.Is(err, vfs.ErrNoSpace) || got != 100 {
		t.Errorf("no room: %d pages, %v", got, err)
	}
}
