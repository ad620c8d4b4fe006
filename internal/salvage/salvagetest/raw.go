package salvagetest

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/section"
	"github.com/rookerydb/rookery/internal/table/row"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// Raw makes an environment with these cells in one set of sections: rows that no store would write.
func Raw(t testing.TB, cells ...[]byte) *memfs.FS {
	t.Helper()
	return RawDeleted(t, 0, cells...)
}

// RawDeleted is Raw, and then deletes the first n of the cells, without tombstones.
func RawDeleted(t testing.TB, n int, cells ...[]byte) *memfs.FS {
	t.Helper()
	disk := memfs.New(memfs.WithoutCrashes())
	env, err := storage.Open(storage.Options{
		FS: disk, Dir: Dir, Now: func() time.Time { return time.Unix(1e9, 0) }, Rand: rand.New(rand.NewPCG(1, 2)), ManualFlush: true,
	})
	must(t, err)
	var gone []section.RowID
	must(t, env.Update(func(tx *storage.WriteTx) error {
		rows, err := tx.WriteSections("raw")
		if err != nil {
			return err
		}
		for i, cell := range cells {
			id, err := rows.Insert(cell)
			if err != nil {
				return err
			}
			if i < n {
				gone = append(gone, id)
			}
		}
		return nil
	}))
	must(t, env.Flush()) // or the file would never see what is deleted
	must(t, env.Update(func(tx *storage.WriteTx) error {
		rows, err := tx.WriteSections("raw")
		if err != nil {
			return err
		}
		for _, id := range gone {
			if err := rows.Delete(id); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, env.Close())
	return disk
}

// Fields are the fields of a document's row, to be changed by tests.
func Fields(id string, etag int64, body []byte) [][]byte {
	return [][]byte{
		docrow.AppendFolded(nil, id), []byte(id), binary.BigEndian.AppendUint64(nil, uint64(etag)), []byte("A:1-2ZYfAzcv8Ee+U/12oFmTJQ"),
		binary.BigEndian.AppendUint64(nil, uint64(docrow.TicksOf(time.Unix(1e9, 0)))), make([]byte, 4), []byte("@empty\x00"), []byte("@empty"), body,
	}
}

// Row is the row of a document.
func Row(t testing.TB, id string, etag int64, text string) []byte {
	t.Helper()
	doc, err := jsondoc.Parse([]byte(text))
	must(t, err)
	return row.Append(nil, docrow.DocumentKind, Fields(id, etag, doc)...)
}
