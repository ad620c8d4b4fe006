package vfs

import (
	"bytes"
	"os"
	"testing"
)

// A file system may accept O_DIRECT at open and refuse the first write. Memory that is not aligned is refused in the same way,
// with EINVAL: the write must be done all the same, once and for good.
func TestWriteThrough_RefusedDirectWriteGoesThroughTheCache(t *testing.T) {
	name := t.TempDir() + "/file"
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := openWriteThrough(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.close() }()
	p := AlignedBytes(2 * AlignBytes)[1 : 1+AlignBytes]
	for i := range p {
		p[i] = byte(i)
	}
	for i := range int64(3) {
		if n, err := w.writeAt(p, i*AlignBytes); n != len(p) || err != nil {
			t.Fatalf("write %d: %d bytes, %v", i, n, err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(got, bytes.Repeat(p, 3)) {
		t.Errorf("read back %d bytes, %v; want the page three times", len(got), err)
	}
}

// Where nothing writes through, each write is followed by a sync.
func TestWriteThrough_SyncsAfterEachWriteWhereItMust(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	w := &writeThrough{file: file, syncAfter: true}
	if n, err := w.writeAt([]byte("bytes"), 0); n != 5 || err != nil {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.writeAt([]byte("bytes"), 0); err == nil {
		t.Error("a closed file was written to")
	}
}

// Where nothing reserves, Allocate extends: what is there stays, and a file is never cut.
func TestOSFile_ExtendOnlyGrows(t *testing.T) {
	f, err := openOSFile(t.TempDir()+"/file", Write|Create)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("bytes"), 0); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ to, want int64 }{{3, 5}, {5, 5}, {9, 9}} {
		if err := f.extend(step.to); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Size(); got != step.want || err != nil {
			t.Errorf("extended to %d: got %d bytes, %v, want %d", step.to, got, err, step.want)
		}
	}
}
