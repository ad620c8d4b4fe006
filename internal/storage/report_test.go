package storage_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// wantSums: what the parts take is what the files have, to the byte.
func wantSums(t *testing.T, disk *memfs.FS, r storage.Report) {
	t.Helper()
	data, err := disk.Stat("env/data")
	must(t, err)
	if r.DataBytes != data.SizeBytes {
		t.Errorf("the data file has %d bytes, the report says %d", data.SizeBytes, r.DataBytes)
	}
	sum := r.ReservedBytes + r.BitmapBytes + r.FreeBytes + r.PreallocatedBytes
	for _, s := range r.Structures {
		sum += s.Bytes
	}
	if sum != r.DataBytes+r.BeyondBytes {
		t.Errorf("the parts have %d bytes, the file %d and %d beyond it: %+v", sum, r.DataBytes, r.BeyondBytes, r)
	}
	if used := disk.UsedBytes(); r.TotalBytes() != used {
		t.Errorf("all files have %d bytes, the report says %d", used, r.TotalBytes())
	}
}

func TestReport_SumsAreTheFiles(t *testing.T) {
	for seed := range uint64(4) {
		disk := memfs.New(memfs.WithoutCrashes())
		env := storagetest.Open(t, disk)
		w := storagetest.NewWorkload(seed)
		random := rand.New(rand.NewPCG(seed, 6))
		seen := map[string]bool{}
		for range 150 {
			must(t, w.Commit(env))
			switch random.IntN(10) {
			case 0:
				must(t, env.Flush())
			case 1:
				must(t, env.Sync())
			}
			r, err := env.Report(random.IntN(5) == 0, nil)
			must(t, err)
			wantSums(t, disk, r)
			seen["beyond the file"] = seen["beyond the file"] || r.BeyondBytes > 0
			seen["preallocated"] = seen["preallocated"] || r.PreallocatedBytes > 0
			seen["free"] = seen["free"] || r.FreeBytes > 0
			seen["unflushed"] = seen["unflushed"] || r.UnflushedBytes > 0
		}
		for _, what := range []string{"beyond the file", "preallocated", "free", "unflushed"} {
			if !seen[what] {
				t.Errorf("seed %d: never saw bytes %s", seed, what)
			}
		}
	}
}

// Details agree with the pages, and density with what one would count.
func TestReport_Details(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	env := storagetest.Open(t, disk)
	must(t, env.Update(func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree("tree")
		if err != nil {
			return err
		}
		if err := tree.Put([]byte("k"), make([]byte, 10_000)); err != nil { // one leaf, a run of two pages
			return err
		}
		fixed, err := tx.WriteFixedTree("fixed", 8)
		if err != nil {
			return err
		}
		for i := range uint64(10) {
			if err := fixed.Put(i, make([]byte, 8)); err != nil {
				return err
			}
		}
		rows, err := tx.WriteSections("rows")
		if err != nil {
			return err
		}
		for range 3 {
			if _, err := rows.Insert(make([]byte, 1000)); err != nil {
				return err
			}
		}
		id, err := rows.Insert(make([]byte, 500))
		if err != nil {
			return err
		}
		if _, err := rows.Insert(make([]byte, 100)); err != nil {
			return err
		}
		if err := rows.Delete(id); err != nil {
			return err
		}
		_, err = rows.Insert(make([]byte, 9000)) // a run of two pages
		return err
	}))
	r, err := env.Report(true, nil)
	must(t, err)
	wantSums(t, disk, r)
	by := map[string]storage.StructureReport{}
	for _, s := range r.Structures {
		by[s.Name] = s
	}
	tree, fixed, rows := by["tree"], by["fixed"], by["rows"]
	// header, slot, entry with a reference of 12 bytes; header and value of the run
	if want := int64(64+2+4+1+12) + 64 + 10_000; tree.UsedBytes != want || tree.LeafPages != 1 || tree.OverflowPages != 2 || tree.Bytes != 3*8192 {
		t.Errorf("tree: %+v, want %d bytes used", tree, want)
	}
	if want := int64(64 + 10*16); fixed.UsedBytes != want || fixed.Entries != 10 || fixed.Depth != 1 {
		t.Errorf("fixed: %+v, want %d bytes used", fixed, want)
	}
	u := rows.Rows
	if u.RowBytes != 3*1000+100+9000 || u.DeadBytes != 500 || u.UnmadeBytes != 6*8192 || rows.SectionPages != 8 || rows.OverflowPages != 2 {
		t.Errorf("rows: %+v", rows)
	}
	if sum := u.RowBytes + u.DeadBytes + u.FreeBytes + u.UnmadeBytes + u.OtherBytes; sum != 10*8192 {
		t.Errorf("rows: the parts have %d bytes of %d", sum, 10*8192)
	}
	if rows.Density <= 0 || rows.Density >= 1 || by[""].Kind != "tree" || by[""].Entries != 3 {
		t.Errorf("density %f, catalog %+v", rows.Density, by[""])
	}
}

func TestReport_CanBeStopped(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	shuffled(t, disk, 1000, 1)
	env := storagetest.Open(t, disk)
	enough, asked := errors.New("enough"), 0
	_, err := env.Report(true, func() error {
		if asked++; asked > 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	must(t, env.Close())
	_, err = env.Report(false, nil)
	if _, ok := errors.AsType[*storage.ClosedError](err); !ok {
		t.Errorf("after Close: %v", err)
	}
}
