package vfs_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/vfs"
)

// BenchmarkWriteThrough is the commit of a small transaction: one block, durable, into blocks written before.
func BenchmarkWriteThrough(b *testing.B) {
	f, err := vfs.OS().Open(b.TempDir()+"/journal", vfs.Write|vfs.Create|vfs.WriteThrough)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(vfs.AlignedBytes(1<<20), 0); err != nil {
		b.Fatal(err)
	}
	block := vfs.AlignedBytes(vfs.AlignBytes)
	b.ReportAllocs()
	i := int64(0)
	for b.Loop() {
		if _, err := f.WriteAt(block, i%256*vfs.AlignBytes); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkWriteAndSync is the same without WriteThrough.
func BenchmarkWriteAndSync(b *testing.B) {
	f, err := vfs.OS().Open(b.TempDir()+"/journal", vfs.Write|vfs.Create)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(make([]byte, 1<<20), 0); err != nil {
		b.Fatal(err)
	}
	block := make([]byte, vfs.AlignBytes)
	i := int64(0)
	for b.Loop() {
		if _, err := f.WriteAt(block, i%256*vfs.AlignBytes); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
