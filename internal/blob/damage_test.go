package blob_test

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"testing"

	"github.com/rookerydb/rookery/internal/blob"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// chunkTable and blobTable are as docs/format/blob.md describes them.
func chunkTable() *table.Table {
	return table.New(table.Schema{Name: "blob-chunks", Kind: 4, Fields: 2, Primary: table.Index{Name: "place", Fields: []int{0}}})
}

func blobTable() *table.Table {
	return table.New(table.Schema{
		Name: "blobs", Kind: 5, Fields: 4, Primary: table.Index{Name: "hash", Fields: []int{0}},
		Indexes: []table.Index{{Name: "number", Fields: []int{1}, Uint64: true}},
	})
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func place(n uint64, at uint32) []byte { return binary.BigEndian.AppendUint32(number(n), at) }

// What another program of the same tables planted is found, and what can be read is read or an error, never something else.
func TestCheck_FindsPlantedDamage(t *testing.T) {
	c := content(1, blob.ChunkBytes+10)
	h := blob.Hash(sha256.Sum256(c))
	f := func(what string, readable bool, plant func(tx *storage.WriteTx) error) {
		t.Helper()
		env, s := open(t, memfs.New(memfs.WithoutCrashes())), blob.New()
		defer func() { must(t, env.Close()) }()
		must(t, env.Update(func(tx *storage.WriteTx) error {
			n, err := s.Begin(tx)
			must(t, err)
			must(t, s.WriteChunk(tx, n, 0, c[:blob.ChunkBytes]))
			must(t, s.WriteChunk(tx, n, 1, c[blob.ChunkBytes:]))
			_, err = s.Finish(tx, n, h, int64(len(c)))
			must(t, err)
			for problem := range s.Check(tx) {
				t.Fatalf("before the damage: %v", problem)
			}
			return plant(tx)
		}))
		must(t, env.View(func(tx *storage.ReadTx) error {
			found := 0
			for problem := range s.Check(tx) {
				if fault.Of(problem) != fault.Corrupt {
					t.Errorf("%s: got %v, want it to be of kind corrupt", what, problem)
				}
				found++
			}
			if found == 0 {
				t.Errorf("%s was not found", what)
			}
			r, err := s.Open(tx, h)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if (err == nil) != readable {
				t.Errorf("%s: reading ended with %v", what, err)
			}
			return nil
		}))
	}
	chunk := func(key, data []byte) func(tx *storage.WriteTx) error {
		return func(tx *storage.WriteTx) error { return chunkTable().Put(tx, [][]byte{key, data}) }
	}
	f("a chunk with another content", true, chunk(place(1, 0), content(2, blob.ChunkBytes)))
	f("a chunk that is too short", false, chunk(place(1, 0), c[:100]))
	f("a chunk behind the end", true, chunk(place(1, 2), c[:1]))
	f("a chunk of no number", true, chunk(place(9, 0), c[:1]))
	f("a missing chunk", false, func(tx *storage.WriteTx) error {
		_, err := chunkTable().Delete(tx, place(1, 1))
		return err
	})
	f("a blob whose number is garbage too", true, func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree("blob-loose")
		must(t, err)
		return tree.Put(number(1), []byte{1})
	})
	f("an entry that is no state", true, func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree("blob-loose")
		must(t, err)
		return tree.Put(number(5), []byte{7})
	})
	f("a blob without references", false, func(tx *storage.WriteTx) error {
		return blobTable().Put(tx, [][]byte{h[:], number(1), number(uint64(len(c))), number(0)})
	})
	f("a length that is too short", true, func(tx *storage.WriteTx) error {
		return blobTable().Put(tx, [][]byte{h[:], number(1), number(blob.ChunkBytes), number(1)})
	})
}
