package storage_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/section"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

const benchRowBytes = 404

// openBench opens an environment on the real disk with the default options. Put TMPDIR on the disk to be measured.
func openBench(b *testing.B) *storage.Env {
	b.Helper()
	return openBenchWith(b, storage.Options{})
}

// openBenchWith opens an environment on the disk, with what opts say besides.
func openBenchWith(b *testing.B, opts storage.Options) *storage.Env {
	b.Helper()
	opts.FS, opts.Dir, opts.Now, opts.Rand = vfs.OS(), b.TempDir(), time.Now, rand.New(rand.NewPCG(1, 2))
	env, err := storage.Open(opts)
	must(b, err)
	b.Cleanup(func() { must(b, env.Close()) })
	return env
}

// putRow is what a table does for one put: a row, and its id under the key.
func putRow(tx *storage.WriteTx, key uint64, text []byte) error {
	rows, err := tx.WriteSections("rows")
	if err != nil {
		return err
	}
	id, err := rows.Insert(text)
	if err != nil {
		return err
	}
	index, err := tx.WriteTree("index")
	if err != nil {
		return err
	}
	var k [16]byte
	binary.BigEndian.PutUint64(k[:], key*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint64(k[8:], key)
	var v [8]byte
	binary.BigEndian.PutUint64(v[:], uint64(id))
	return index.Put(k[:], v[:])
}

// rows are texts that do not repeat within any batch.
type rows []byte

func newRows() rows {
	random := rand.New(rand.NewPCG(7, 7))
	text := make(rows, 1<<20)
	for i := range text {
		text[i] = byte(random.Uint32N(64)) + ' '
	}
	return text
}

func (r rows) row(n uint64) []byte {
	off := n * benchRowBytes % uint64(len(r)-benchRowBytes)
	return r[off : off+benchRowBytes]
}

// BenchmarkCommit puts rows at random keys: so many a transaction, each transaction durable.
func BenchmarkCommit(b *testing.B) {
	for _, batch := range []int{1, 64, 1000} {
		b.Run(fmt.Sprintf("row=404B/batch=%d", batch), func(b *testing.B) {
			env, texts := openBench(b), newRows()
			b.ReportAllocs()
			before := env.Stats()
			n := uint64(0)
			for b.Loop() {
				must(b, env.Update(func(tx *storage.WriteTx) error {
					for range batch {
						n++
						if err := putRow(tx, n, texts.row(n)); err != nil {
							return err
						}
					}
					return nil
				}))
			}
			s := env.Stats()
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "puts/s")
			b.ReportMetric(float64(s.JournaledBytes-before.JournaledBytes)/float64(n), "journal-B/put")
			b.ReportMetric(float64(s.FlushedBytes-before.FlushedBytes)/float64(n), "flush-B/put")
			b.ReportMetric(float64(s.Journals.MadeBytes-before.Journals.MadeBytes)/float64(n), "made-B/put")
		})
	}
}

// BenchmarkCommit_Recorded tells what recording every write costs: an environment that records and one that does not commit in
// turn, so that whatever else the machine does meets both. Compare the medians.
func BenchmarkCommit_Recorded(b *testing.B) {
	for _, batch := range []int{1, 64} {
		b.Run(fmt.Sprintf("row=404B/batch=%d", batch), func(b *testing.B) {
			texts := newRows()
			var envs [2]*storage.Env
			for i := range envs {
				opts := storage.Options{FS: vfs.OS(), Dir: b.TempDir(), Now: time.Now, Rand: rand.New(rand.NewPCG(1, 2))}
				if i == 1 {
					opts = storage.Unrecorded(opts)
				}
				env, err := storage.Open(opts)
				must(b, err)
				defer func() { must(b, env.Close()) }()
				envs[i] = env
			}
			var took [2][]time.Duration
			n, first := uint64(0), 0
			for b.Loop() {
				first = 1 - first
				for _, which := range []int{first, 1 - first} {
					begun := time.Now()
					must(b, envs[which].Update(func(tx *storage.WriteTx) error {
						for k := range uint64(batch) {
							if err := putRow(tx, n+k, texts.row(n+k)); err != nil {
								return err
							}
						}
						return nil
					}))
					took[which] = append(took[which], time.Since(begun))
				}
				n += uint64(batch)
			}
			for i, name := range []string{"recorded-ns", "unrecorded-ns"} {
				slices.Sort(took[i])
				b.ReportMetric(float64(took[i][len(took[i])/2]), name)
			}
		})
	}
}

// BenchmarkGet reads rows by random keys from what a bulk load left.
func BenchmarkGet(b *testing.B) {
	const count = 200_000
	env, texts := openBench(b), newRows()
	for n := uint64(0); n < count; {
		must(b, env.Update(func(tx *storage.WriteTx) error {
			for range 1000 {
				n++
				if err := putRow(tx, n, texts.row(n)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	must(b, env.Flush())
	b.Run("goroutines=1", func(b *testing.B) {
		b.ReportAllocs()
		n := uint64(0)
		for b.Loop() {
			n = (n + 7919) % count
			getRow(b, env, n+1)
		}
	})
	b.Run("scan", func(b *testing.B) {
		must(b, env.View(func(tx *storage.ReadTx) error {
			tree, _ := tx.Tree("index")
			c := tree.Cursor()
			for b.Loop() {
				if !c.Next() {
					c.First()
				}
			}
			return c.Err()
		}))
	})
}

// BenchmarkGet_InOneTransaction reads random rows that fit into the pages a transaction holds: what encryption, or reading pages
// into memory, costs once they are there.
func BenchmarkGet_InOneTransaction(b *testing.B) {
	for _, kind := range []struct {
		name string
		opts storage.Options
	}{
		{"mapped", storage.Options{}},
		{"unmapped", storage.Options{NoMapping: true}},
		{"encrypted", storage.Options{Encryption: storagetest.Encryption(crypt.AESGCM, 1)}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			const count = 10_000 // 6 MB of pages
			env, texts := openBenchWith(b, kind.opts), newRows()
			must(b, env.Update(func(tx *storage.WriteTx) error {
				for n := range uint64(count) {
					if err := putRow(tx, n, texts.row(n)); err != nil {
						return err
					}
				}
				return nil
			}))
			must(b, env.Flush())
			must(b, env.View(func(tx *storage.ReadTx) error {
				for n := range uint64(count) {
					getRowIn(b, tx, n)
				}
				n := uint64(0)
				for b.Loop() {
					n = (n + 7919) % count
					getRowIn(b, tx, n)
				}
				return nil
			}))
		})
	}
}

func getRow(b *testing.B, env *storage.Env, key uint64) {
	b.Helper()
	tx, err := env.Read()
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Close()
	getRowIn(b, tx, key)
}

func getRowIn(b *testing.B, tx *storage.ReadTx, key uint64) {
	b.Helper()
	index, _ := tx.Tree("index")
	rows, _ := tx.Sections("rows")
	var k [16]byte
	binary.BigEndian.PutUint64(k[:], key*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint64(k[8:], key)
	v, found, err := index.Get(k[:])
	if !found || err != nil {
		b.Fatalf("key %d: found %v, %v", key, found, err)
	}
	text, err := rows.Get(section.RowID(binary.BigEndian.Uint64(v)))
	if len(text) != benchRowBytes || err != nil {
		b.Fatalf("row of %d bytes, %v", len(text), err)
	}
}

// BenchmarkRead opens and closes a read transaction.
func BenchmarkRead(b *testing.B) {
	env := openBench(b)
	b.Run("goroutines=1", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if tx, err := env.Read(); err == nil {
				tx.Close()
			}
		}
	})
	b.Run("goroutines=64", func(b *testing.B) {
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if tx, err := env.Read(); err == nil {
					tx.Close()
				}
			}
		})
	})
}

// BenchmarkDisk is the limit of BenchmarkCommit: the same writes without an engine.
func BenchmarkDisk(b *testing.B) {
	const fileBytes = 16 << 20
	for _, size := range []int{4 << 10, 40 << 10, 560 << 10} {
		b.Run(fmt.Sprintf("write=%dKiB", size>>10), func(b *testing.B) {
			file, err := vfs.OS().Open(b.TempDir()+"/file", vfs.Write|vfs.Create|vfs.WriteThrough)
			must(b, err)
			defer file.Close()
			block := vfs.AlignedBytes(size)
			for off := int64(0); off < fileBytes; off += int64(size) {
				_, err := file.WriteAt(block, off)
				must(b, err)
			}
			off := int64(0)
			for b.Loop() {
				_, err := file.WriteAt(block, off)
				must(b, err)
				off = (off + int64(size)) % (fileBytes / int64(size) * int64(size))
			}
		})
	}
}

// BenchmarkRecover opens an environment whose last 64 MiB or so are in the journals only.
func BenchmarkRecover(b *testing.B) {
	texts, disk := newRows(), memfs.New()
	opts := storage.Options{
		FS: disk, Dir: "env", Now: time.Now, Rand: rand.New(rand.NewPCG(1, 2)), ManualFlush: true,
	}
	env, err := storage.Open(opts)
	must(b, err)
	for n := uint64(0); env.Stats().JournaledBytes < 64<<20; {
		must(b, env.Update(func(tx *storage.WriteTx) error {
			for range 200 {
				n++
				if err := putRow(tx, n, texts.row(n)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	left := disk.AfterCrash(memfs.SyncedOnly, 0, memfs.WithoutCrashes())
	opts.FS, opts.ReadOnly = left, true
	b.SetBytes(env.Stats().JournaledBytes)
	for b.Loop() {
		again, err := storage.Open(opts)
		must(b, err)
		must(b, again.Close())
	}
	must(b, env.Close())
}
