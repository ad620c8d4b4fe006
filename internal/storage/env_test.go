package storage_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func options(fs vfs.FS, dir string) storage.Options {
	return storage.Options{FS: fs, Dir: dir, Now: func() time.Time { return time.Unix(0, 0) }, Rand: rand.New(rand.NewPCG(1, 2)), ManualFlush: true}
}

func TestSmoke(t *testing.T) {
	for name, c := range map[string]struct {
		fs  vfs.FS
		dir string
	}{"memfs": {memfs.New(), "env"}, "os": {vfs.OS(), t.TempDir()}} {
		t.Run(name, func(t *testing.T) {
			env, err := storage.Open(options(c.fs, c.dir))
			if err != nil {
				t.Fatal(err)
			}
			for i := range 300 {
				if err := env.Update(func(tx *storage.WriteTx) error {
					tree, err := tx.WriteTree("tree")
					if err != nil {
						return err
					}
					rows, err := tx.WriteSections("rows")
					if err != nil {
						return err
					}
					id, err := rows.Insert(make([]byte, 400))
					if err != nil {
						return err
					}
					return tree.Put(fmt.Append(nil, "key", i*7919%300), fmt.Append(nil, "value ", i, id))
				}); err != nil {
					t.Fatal(err)
				}
				if i%50 == 20 {
					if err := env.Flush(); err != nil {
						t.Fatal(err)
					}
				}
				if i%100 == 90 {
					if err := env.Sync(); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := env.Close(); err != nil {
				t.Fatal(err)
			}
			if env, err = storage.Open(options(c.fs, c.dir)); err != nil {
				t.Fatal(err)
			}
			defer env.Close()
			if err := env.View(func(tx *storage.ReadTx) error {
				tree, ok := tx.Tree("tree")
				if !ok || tree.Entries() != 300 {
					t.Errorf("%v %d", ok, tree.Entries())
				}
				for i := range 300 {
					if _, ok, err := tree.Get(fmt.Append(nil, "key", i)); !ok || err != nil {
						t.Errorf("%v %v", ok, err)
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", env.Stats())
		})
	}
}
