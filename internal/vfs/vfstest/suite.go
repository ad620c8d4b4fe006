package vfstest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Run tests the file system that open gives, anew for each case, with an empty directory in it.
func Run(t *testing.T, open func(t testing.TB) (fsys vfs.FS, dir string)) {
	t.Helper()
	cases := []struct {
		name string
		run  func(d *disk)
	}{
		{"Open says which files are missing or in the way", openModes},
		{"Files read back what was written", readBack},
		{"Writing needs leave", readOnly},
		{"Closed files refuse", closedFile},
		{"Truncate cuts and grows with zeros", truncate},
		{"Allocate only grows", allocate},
		{"Mappings show later writes and outlive the file", mapping},
		{"Mappings do not reach beyond the end", mapBeyond},
		{"WriteThrough reads back, at any place", writeThrough},
		{"Directories list, nest and go", directories},
		{"Rename replaces, and moves between directories", rename},
		{"Removed files can still be used while open", removedWhileOpen},
		{"Lock is exclusive until closed", lock},
		{"WriteFileDurable replaces", writeFileDurable},
		{"Writers beside each other and readers do not meet", concurrent},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fsys, dir := open(t)
			c.run(&disk{T: t, FS: fsys, dir: dir})
		})
	}
}

// disk is the file system under test, with helpers that end the test at an error.
type disk struct {
	*testing.T
	vfs.FS
	dir string
}

func (d *disk) path(name string) string { return d.dir + "/" + name }

func (d *disk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *disk) open(name string, mode vfs.Mode) vfs.File {
	d.Helper()
	f, err := d.Open(d.path(name), mode)
	d.must(err)
	d.Cleanup(func() { _ = f.Close() }) // closing twice is an error that does not matter here
	return f
}

// put makes the file called name with content.
func (d *disk) put(name, content string) {
	d.Helper()
	f := d.open(name, vfs.Write|vfs.Create)
	d.write(f, content, 0)
	d.must(f.Close())
}

func (d *disk) write(f vfs.File, content string, off int64) {
	d.Helper()
	if n, err := f.WriteAt([]byte(content), off); n != len(content) || err != nil {
		d.Fatalf("WriteAt(%d bytes, %d) = %d, %v", len(content), off, n, err)
	}
}

func (d *disk) wantFile(name, want string) {
	d.Helper()
	got, err := vfs.ReadFile(d, d.path(name))
	d.must(err)
	d.want(string(got), want)
}

func (d *disk) wantSize(f vfs.File, want int64) {
	d.Helper()
	got, err := f.Size()
	d.must(err)
	d.want(got, want)
}

func (d *disk) wantNames(dir string, want ...string) {
	d.Helper()
	got, err := d.List(d.path(dir))
	d.must(err)
	if len(got) == 0 && len(want) == 0 {
		return
	}
	d.want(got, want)
}

func (d *disk) want(got, want any) {
	d.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.Fatalf("-want +got\n%s", diff)
	}
}

func (d *disk) wantError(err, want error) {
	d.Helper()
	if !errors.Is(err, want) {
		d.Fatalf("got error %v, want %v", err, want)
	}
}

func (d *disk) wantSomeError(err error) {
	d.Helper()
	if err == nil {
		d.Fatal("got no error, want one")
	}
}

func openModes(d *disk) {
	_, err := d.Open(d.path("none"), 0)
	d.wantError(err, fs.ErrNotExist)
	_, err = d.Open(d.path("none"), vfs.Write)
	d.wantError(err, fs.ErrNotExist)
	_, err = d.Open(d.path("nodir/none"), vfs.Write|vfs.Create)
	d.wantError(err, fs.ErrNotExist)
	_, err = d.Stat(d.path("none"))
	d.wantError(err, fs.ErrNotExist)
	_, err = d.Open(d.dir, 0)
	d.wantSomeError(err)

	d.must(d.open("one", vfs.Write|vfs.Create|vfs.Exclusive).Close())
	_, err = d.Open(d.path("one"), vfs.Write|vfs.Create|vfs.Exclusive)
	d.wantError(err, fs.ErrExist)

	d.write(d.open("one", vfs.Write|vfs.Create), "kept", 0)
	d.must(d.open("one", vfs.Write|vfs.Create).Close())
	d.wantFile("one", "kept")
}

func readBack(d *disk) {
	f := d.open("file", vfs.Write|vfs.Create)
	d.write(f, "world", 7)
	d.write(f, "hello", 0)
	d.write(f, "", 100) // writing nothing does not grow
	d.wantFile("file", "hello\x00\x00world")
	d.wantSize(f, 12)
	d.must(f.Sync())

	p := make([]byte, 5)
	n, err := f.ReadAt(p, 7)
	d.want(n, 5)
	d.want(string(p), "world")
	if err != nil && !errors.Is(err, io.EOF) {
		d.Fatal(err)
	}
	n, err = f.ReadAt(p, 9)
	d.want(n, 3)
	d.wantError(err, io.EOF)
	n, err = f.ReadAt(p, 50)
	d.want(n, 0)
	d.wantError(err, io.EOF)
	_, err = f.ReadAt(p, -1)
	d.wantSomeError(err)
	info, err := d.Stat(d.path("file"))
	d.must(err)
	d.want(info, vfs.Info{SizeBytes: 12})
}

func readOnly(d *disk) {
	d.put("file", "bytes")
	f := d.open("file", 0)
	_, err := f.WriteAt([]byte("x"), 0)
	d.wantSomeError(err)
	d.wantSomeError(f.Truncate(1))
	d.wantFile("file", "bytes")
}

func closedFile(d *disk) {
	f := d.open("file", vfs.Write|vfs.Create)
	d.must(f.Close())
	_, err := f.ReadAt(make([]byte, 1), 0)
	d.wantError(err, fs.ErrClosed)
	_, err = f.WriteAt([]byte("x"), 0)
	d.wantError(err, fs.ErrClosed)
	d.wantError(f.Sync(), fs.ErrClosed)
	d.wantError(f.Truncate(0), fs.ErrClosed)
	_, err = f.Map(0)
	d.wantError(err, fs.ErrClosed)
	d.wantError(f.Close(), fs.ErrClosed)
}

func truncate(d *disk) {
	f := d.open("file", vfs.Write|vfs.Create)
	d.write(f, "0123456789", 0)
	d.must(f.Truncate(4))
	d.wantFile("file", "0123")
	d.must(f.Truncate(6))
	d.wantFile("file", "0123\x00\x00")
	d.must(f.Truncate(6))
	d.must(f.Truncate(0))
	d.wantFile("file", "")
}

func allocate(d *disk) {
	f := d.open("file", vfs.Write|vfs.Create)
	d.write(f, "bytes", 0)
	d.must(f.Allocate(2, 8))
	d.wantFile("file", "bytes\x00\x00\x00\x00\x00")
	d.must(f.Allocate(0, 3))
	d.wantSize(f, 10)
	d.must(f.Allocate(1<<20, 1<<16))
	d.wantSize(f, 1<<20+1<<16)
}

func mapping(d *disk) {
	f := d.open("file", vfs.Write|vfs.Create)
	d.must(f.Truncate(3 * vfs.AlignBytes))
	d.write(f, "before", vfs.AlignBytes)
	m, err := f.Map(2 * vfs.AlignBytes)
	d.must(err)
	d.want(len(m.Bytes()), 2*vfs.AlignBytes)
	d.want(string(m.Bytes()[vfs.AlignBytes:][:6]), "before")
	d.write(f, "after", vfs.AlignBytes)
	d.want(string(m.Bytes()[vfs.AlignBytes:][:6]), "aftere")
	d.must(f.Close())
	d.must(d.Remove(d.path("file")))
	d.want(string(m.Bytes()[vfs.AlignBytes:][:6]), "aftere")
	d.must(m.Close())
	d.must(m.Close()) // a second time is no error
}

func mapBeyond(d *disk) {
	f := d.open("file", vfs.Write|vfs.Create)
	d.write(f, "bytes", 0)
	_, err := f.Map(6)
	var beyond *vfs.MapRangeError
	if !errors.As(err, &beyond) || fault.Of(err) != fault.Corrupt {
		d.Fatalf("got %v, want *MapRangeError", err)
	}
	_, err = f.Map(-1)
	d.wantSomeError(err)
	m, err := f.Map(0)
	d.must(err)
	d.want(len(m.Bytes()), 0)
	d.must(m.Close())
}

func writeThrough(d *disk) {
	f := d.open("file", vfs.Write|vfs.Create|vfs.WriteThrough)
	d.must(f.Allocate(0, 4*vfs.AlignBytes))
	p := vfs.AlignedBytes(2 * vfs.AlignBytes)
	for i := range p {
		p[i] = byte(i % 251)
	}
	for _, off := range []int64{vfs.AlignBytes, 3 * vfs.AlignBytes} { // the second one grows the file
		n, err := f.WriteAt(p, off)
		d.must(err)
		d.want(n, len(p))
	}
	d.wantSize(f, 5*vfs.AlignBytes)
	got := make([]byte, 100)
	_, err := f.ReadAt(got, vfs.AlignBytes+7) // reading knows no alignment
	d.must(err)
	d.want(bytes.Equal(got, p[7:107]), true)
	m, err := f.Map(5 * vfs.AlignBytes)
	d.must(err)
	d.want(bytes.Equal(m.Bytes()[3*vfs.AlignBytes:], p), true)
	d.must(m.Close())
	d.must(f.Sync())
}
