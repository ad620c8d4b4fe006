package vfstest

import (
	"bytes"
	"errors"
	"io/fs"
	"sync"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/vfs"
)

func directories(d *disk) {
	d.must(d.MkdirAll(d.path("a/b/c")))
	d.must(d.MkdirAll(d.path("a/b/c")))
	d.put("a/z", "z")
	d.put("a/y", "y")
	d.wantNames("a", "b", "y", "z")
	d.wantNames("a/b/c")
	info, err := d.Stat(d.path("a/b"))
	d.must(err)
	d.want(info, vfs.Info{IsDir: true})
	d.must(d.SyncDir(d.path("a")))

	d.wantSomeError(d.Remove(d.path("a")))           // not empty
	d.wantSomeError(d.MkdirAll(d.path("a/z/below"))) // a file is in the way
	d.wantSomeError(d.MkdirAll(d.path("a/z")))
	_, err = d.List(d.path("none"))
	d.wantError(err, fs.ErrNotExist)
	d.wantError(d.SyncDir(d.path("none")), fs.ErrNotExist)
	d.wantError(d.Remove(d.path("none")), fs.ErrNotExist)

	d.must(d.Remove(d.path("a/y")))
	d.must(d.Remove(d.path("a/b/c")))
	d.wantNames("a", "b", "z")
	d.must(d.RemoveAll(d.path("a")))
	d.must(d.RemoveAll(d.path("a")))
	d.wantNames("")
}

func rename(d *disk) {
	d.must(d.MkdirAll(d.path("to")))
	d.put("one", "1")
	d.put("two", "2")
	d.must(d.Rename(d.path("one"), d.path("two")))
	d.wantFile("two", "1")
	d.must(d.Rename(d.path("two"), d.path("two")))
	d.must(d.Rename(d.path("two"), d.path("to/three")))
	d.wantNames("", "to")
	d.wantFile("to/three", "1")
	d.wantError(d.Rename(d.path("none"), d.path("some")), fs.ErrNotExist)
	d.wantError(d.Rename(d.path("to/three"), d.path("nodir/three")), fs.ErrNotExist)

	d.must(d.Rename(d.path("to"), d.path("moved")))
	d.wantFile("moved/three", "1")
	d.put("file", "f")
	d.wantSomeError(d.Rename(d.path("file"), d.path("moved")))
	d.wantSomeError(d.Rename(d.path("moved"), d.path("moved/below")))
}

func removedWhileOpen(d *disk) {
	f := d.open("file", vfs.Write|vfs.Create)
	d.write(f, "old", 0)
	d.must(d.Remove(d.path("file")))
	d.put("file", "other")
	d.write(f, "new", 0)
	got := make([]byte, 3)
	if n, _ := f.ReadAt(got, 0); n != 3 {
		d.Fatalf("read %d bytes of a removed file, want 3", n)
	}
	d.want(string(got), "new")
	d.wantFile("file", "other")
	d.must(f.Close())
}

func lock(d *disk) {
	held, err := d.Lock(d.path("lock"))
	d.must(err)
	_, err = d.Lock(d.path("lock"))
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || fault.Of(err) != fault.Unavailable {
		d.Fatalf("got %v, want *LockedError", err)
	}
	d.want(locked.Name, d.path("lock"))
	d.must(held.Close())
	again, err := d.Lock(d.path("lock"))
	d.must(err)
	d.must(again.Close())
}

func writeFileDurable(d *disk) {
	d.must(vfs.WriteFileDurable(d, d.path("file"), []byte("a long first version")))
	d.must(vfs.WriteFileDurable(d, d.path("file"), []byte("second")))
	d.wantFile("file", "second")
	d.wantNames("", "file")
	d.wantError(vfs.WriteFileDurable(d, d.path("nodir/file"), nil), fs.ErrNotExist)
}

// concurrent has a writer to each page and readers of the others, through ReadAt and through a mapping; the race detector
// looks on.
func concurrent(d *disk) {
	const pages = 8
	f := d.open("file", vfs.Write|vfs.Create)
	d.must(f.Truncate(pages * vfs.AlignBytes))
	m, err := f.Map(pages * vfs.AlignBytes)
	d.must(err)
	var tasks sync.WaitGroup
	for i := range pages / 2 {
		written, quiet := int64(2*i)*vfs.AlignBytes, int64(2*i+1)*vfs.AlignBytes
		tasks.Go(func() {
			for round := range 50 {
				page := bytes.Repeat([]byte{byte(round)}, vfs.AlignBytes)
				if _, err := f.WriteAt(page, written); err != nil {
					d.Error(err)
				}
			}
		})
		tasks.Go(func() {
			page := make([]byte, vfs.AlignBytes)
			for range 50 {
				if _, err := f.ReadAt(page, quiet); err != nil {
					d.Error(err)
				}
				if !bytes.Equal(page, m.Bytes()[quiet:quiet+vfs.AlignBytes]) {
					d.Error("the mapping and ReadAt differ")
				}
			}
		})
	}
	tasks.Wait()
	d.must(m.Close())
}
