package database_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

// BenchmarkCompact compacts a database of documents of about 1 KiB on the disk, a third of which were deleted. The bytes a
// second are those of the files after it.
func BenchmarkCompact(b *testing.B) {
	const documents = 60_000
	o := smallOptions(vfs.OS())
	o.Dir = filepath.ToSlash(filepath.Join(b.TempDir(), "db1"))
	o.Storage = database.StorageOptions{}
	db, err := database.Open(o)
	must(b, err)
	text := `{"@metadata":{"@collection":"Users"},"pad":"%0900d"}`
	for i := 0; i < documents; i += 200 {
		var batch database.Batch
		for j := range 200 {
			batch.Commands = append(batch.Commands, putCommand(fmt.Sprint("users/", (i+j)*7919%documents), fmt.Sprintf(text, i+j), docstore.Any()))
		}
		must(b, db.Do(b.Context(), &batch))
	}
	for i := 0; i < documents; i += 3 {
		must(b, db.Do(b.Context(), &database.Delete{ID: fmt.Sprint("users/", i)}))
	}
	must(b, db.Close())
	var result storage.CompactionResult
	for b.Loop() {
		result, err = database.Compact(b.Context(), o, nil)
		must(b, err)
	}
	b.SetBytes(result.BytesAfter)
}
