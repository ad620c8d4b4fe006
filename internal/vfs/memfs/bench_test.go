package memfs_test

import (
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// environment is a disk as a small storage environment leaves it: 2 MiB of data with 64 pages unsynced, a journal of 1 MiB
// with 100 records in it.
func environment(b *testing.B) *memfs.FS {
	b.Helper()
	disk := memfs.New(memfs.Record())
	must(b, disk.MkdirAll("db"))
	data := create(b, disk, "db/data")
	write(b, data, fill('d', 2<<20), 0)
	must(b, data.Sync())
	journal := open(b, disk, "db/journal", vfs.Write|vfs.Create|vfs.WriteThrough)
	must(b, journal.Truncate(1<<20))
	must(b, journal.Sync())
	must(b, disk.SyncDir("db"))
	block := vfs.AlignedBytes(8192)
	for i := range 100 {
		write(b, journal, block, int64(i)*8192)
	}
	for i := range 64 {
		write(b, data, fill('e', 8192), int64(i)*4*8192)
	}
	return disk
}

// BenchmarkCrashAt makes an image at each operation in turn, and uses it as recovery does: maps the data, reads the journal.
func BenchmarkCrashAt(b *testing.B) {
	disk := environment(b)
	buf := make([]byte, 1<<20)
	for _, mode := range memfs.CrashModes() {
		b.Run(fmt.Sprintf("mode=%v", mode), func(b *testing.B) {
			i := 0
			for b.Loop() {
				image := disk.CrashAt(120+i%50, mode, uint64(i), memfs.WithoutCrashes())
				data := open(b, image, "db/data", vfs.Write)
				_, err := data.Map(2 << 20)
				must(b, err)
				if _, err := open(b, image, "db/journal", 0).ReadAt(buf, 0); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

func BenchmarkWriteAt(b *testing.B) {
	for name, opts := range map[string][]memfs.Option{"crashes=on": nil, "crashes=off": {memfs.WithoutCrashes()}} {
		b.Run(name, func(b *testing.B) {
			f := open(b, memfs.New(opts...), "f", vfs.Write|vfs.Create|vfs.WriteThrough)
			must(b, f.Truncate(64<<20))
			must(b, f.Sync())
			block := vfs.AlignedBytes(8192)
			b.ReportAllocs()
			b.SetBytes(8192)
			i := 0
			for b.Loop() {
				write(b, f, block, int64(i%8192)*8192)
				i++
			}
		})
	}
}
