package storage_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// bigEnv is an environment without mapping that holds count values of a kilobyte, all in the data file. A transaction may hold
// held bytes of pages, and keep cached bytes.
func bigEnv(t *testing.T, count int, held, cached int64) *storage.Env {
	t.Helper()
	opts := storagetest.Options(memfs.New(memfs.WithoutCrashes()))
	opts.NoMapping, opts.TxPageBytesMax, opts.TxCacheBytes = true, held, cached
	env := storagetest.OpenWith(t, opts)
	for from := 0; from < count; from += 1000 {
		err := env.Update(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("t")
			for i := from; err == nil && i < min(count, from+1000); i++ {
				err = tree.Put(fmt.Appendf(nil, "%08d", i), valueOf(i))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := env.Flush(); err != nil {
		t.Fatal(err)
	}
	return env
}

func valueOf(i int) []byte {
	return bytes.Repeat(binary.LittleEndian.AppendUint64(nil, uint64(i)), 128)
}

// TestReadTx_ReadsMuchInLittleMemory: a walk over more than a transaction may hold goes on after Forget, and what it keeps
// stays within its bound.
func TestReadTx_ReadsMuchInLittleMemory(t *testing.T) {
	const count, held, cache = 20_000, 256 << 10, 128 << 10
	env := bigEnv(t, count, held, cache)
	err := env.View(func(tx *storage.ReadTx) error {
		for i := range count {
			tree, _ := tx.Tree("t") // a page of the catalog
			got, found, err := tree.Get(fmt.Appendf(nil, "%08d", i))
			if err != nil || !found || !bytes.Equal(got, valueOf(i)) {
				return fmt.Errorf("value %d: found %v, %d bytes, error %w", i, found, len(got), err)
			}
			if tx.HeldBytes() > held {
				return fmt.Errorf("%d bytes held, bound is %d", tx.HeldBytes(), held)
			}
			tx.Forget()
			if tx.HeldBytes() != 0 {
				return fmt.Errorf("%d bytes held after Forget", tx.HeldBytes())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read := env.Stats().FramesRead; read < count/8 || read > count/4 { // five to seven values share a page
		t.Errorf("%d pages read for %d values in order", read, count)
	}
}

// TestReadTx_RefusesToHoldTooMuch: without Forget a walk ends with an error, and bytes from before stay valid.
func TestReadTx_RefusesToHoldTooMuch(t *testing.T) {
	env := bigEnv(t, 3000, 256<<10, 0)
	err := env.View(func(tx *storage.ReadTx) error {
		tree, _ := tx.Tree("t")
		var seen [][]byte
		cursor := tree.Cursor()
		for ok := cursor.First(); ok; ok = cursor.Next() {
			seen = append(seen, cursor.Value())
		}
		var full *storage.PagesHeldError
		if err := cursor.Err(); !errors.As(err, &full) {
			return fmt.Errorf("got %w after %d values, want *PagesHeldError", err, len(seen))
		}
		for i, got := range seen {
			if !bytes.Equal(got, valueOf(i)) {
				return fmt.Errorf("value %d changed while it was held", i)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCheck_NeedsLittleMemory: a check walks a file of any size in the memory of one transaction.
func TestCheck_NeedsLittleMemory(t *testing.T) {
	env := bigEnv(t, 20_000, 512<<10, 64<<10)
	storagetest.Check(t, env)
}
