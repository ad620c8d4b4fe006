package storage_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// trees are two structures that lead nowhere else.
func trees() []storage.Part {
	return []storage.Part{storage.TreePart("tree"), storage.FixedTreePart("fixed")}
}

// shuffled puts n entries into both, in no order, and deletes every third again: pages are left half full.
func shuffled(t *testing.T, disk *memfs.FS, n int, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	for chunk := range slices.Chunk(random.Perm(n), 500) {
		must(t, env.Update(func(tx *storage.WriteTx) error {
			for _, i := range chunk {
				if err := putBoth(tx, i, random); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	must(t, env.Update(func(tx *storage.WriteTx) error { return deleteThirds(tx, n) }))
	must(t, env.Close())
}

func putBoth(tx *storage.WriteTx, i int, random *rand.Rand) error {
	tree, err := tx.WriteTree("tree")
	if err != nil {
		return err
	}
	size := random.IntN(60)
	if i%200 == 0 {
		size = 3000 + random.IntN(30_000) // in overflow runs
	}
	if err := tree.Put(fmt.Appendf(nil, "key %07d", i), make([]byte, size)); err != nil {
		return err
	}
	fixed, err := tx.WriteFixedTree("fixed", 8)
	if err != nil {
		return err
	}
	return fixed.Put(uint64(i), fmt.Appendf(nil, "%08d", i))
}

func deleteThirds(tx *storage.WriteTx, n int) error {
	tree, err := tx.WriteTree("tree")
	if err != nil {
		return err
	}
	fixed, err := tx.WriteFixedTree("fixed", 8)
	if err != nil {
		return err
	}
	for i := 0; i < n; i += 3 {
		if err := mustHave(tree.Delete(fmt.Appendf(nil, "key %07d", i))); err != nil {
			return err
		}
		if err := mustHave(fixed.Delete(uint64(i))); err != nil {
			return err
		}
	}
	return nil
}

func mustHave(found bool, err error) error {
	if err == nil && !found {
		return errors.New("an entry is missing")
	}
	return err
}

// smallBatches make a copy of little go through many transactions.
func smallBatches(disk *memfs.FS) storage.Options {
	opts := storagetest.Options(disk)
	opts.MaxUnflushedBytes = 16 << 20
	return opts
}

// compact does a whole compaction.
func compact(opts storage.Options, parts []storage.Part) (result storage.CompactionResult, err error) {
	c, err := storage.BeginCompaction(opts)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	for _, err := range storage.Copy(c.Source(), c.Target(), parts) {
		if err != nil {
			return result, err
		}
	}
	if err := c.Seal(func() error { return nil }); err != nil {
		return result, err
	}
	return c.Swap()
}

func digestIn(t *testing.T, disk *memfs.FS) uint64 {
	t.Helper()
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	storagetest.Check(t, env)
	digest := digestOf(t, env)
	must(t, env.Close())
	return digest
}

func TestCompaction_CopiesTreesInFullPages(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	shuffled(t, disk, 20_000, 1)
	before := digestIn(t, disk)
	result, err := compact(smallBatches(disk), trees())
	must(t, err)
	if after := digestIn(t, disk); after != before {
		t.Error("the copy has other entries than the original")
	}
	if result.BytesAfter > result.BytesBefore*3/5 {
		t.Errorf("%d bytes before, %d after", result.BytesBefore, result.BytesAfter)
	}
	env := storagetest.Open(t, disk)
	must(t, env.View(func(tx *storage.ReadTx) error {
		tree, _ := tx.Tree("tree")
		fixed, _ := tx.FixedTree("fixed")
		// 13,333 entries: 508 in a full fixed leaf; about 47 bytes each in the other, whose longest entries leave gaps.
		if got, want := fixed.State().LeafPages, uint64(13_333/508+1); got != want {
			t.Errorf("the fixed-size tree has %d leaves, %d full ones would do", got, want)
		}
		if got := tree.State().LeafPages; got > 13_333*47/8128+4 {
			t.Errorf("the tree has %d leaves", got)
		}
		return nil
	}))
}

func TestCompaction_KeepsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		disk := memfs.New(memfs.WithoutCrashes())
		env, err := storage.Open(storagetest.Options(disk))
		if err != nil {
			t.Fatal(err)
		}
		want := rapid.MapOf(rapid.StringN(1, -1, 300), rapid.SliceOfN(rapid.Byte(), 0, 20_000)).Draw(t, "entries")
		err = env.Update(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("tree")
			for key, value := range want {
				if err == nil {
					err = tree.Put([]byte(key), value)
				}
			}
			return err
		})
		if err := errors.Join(err, env.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := compact(smallBatches(disk), trees()); err != nil {
			t.Fatal(err)
		}
		wantEntries(t, disk, want)
	})
}

func wantEntries(t *rapid.T, disk *memfs.FS, want map[string][]byte) {
	t.Helper()
	env, err := storage.Open(storagetest.Options(disk))
	if err != nil {
		t.Fatal(err)
	}
	err = env.View(func(tx *storage.ReadTx) error {
		tree, _ := tx.Tree("tree")
		if tree.Entries() != uint64(len(want)) {
			t.Errorf("%d entries, want %d", tree.Entries(), len(want))
		}
		for key, value := range want {
			got, ok, err := tree.Get([]byte(key))
			if err != nil || !ok || string(got) != string(value) {
				t.Errorf("%q: %d bytes, %v, %v", key, len(got), ok, err)
			}
		}
		return nil
	})
	if err := errors.Join(err, env.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestCompaction_OrderOfOperations: nothing moves before the marker is durable, and it goes when the moves are.
func TestCompaction_OrderOfOperations(t *testing.T) {
	disk := memfs.New()
	shuffled(t, disk, 10, 1)
	_, err := compact(smallBatches(disk), trees())
	must(t, err)
	var got []string
	for _, op := range disk.Ops() {
		if op.NewName == "env/swap" {
			got = []string{}
		}
		if got != nil && !strings.Contains(op.Name, "images") { // which only encrypted ones have
			got = append(got, op.Kind.String()+" "+path.Base(op.Name))
		}
	}
	want := []string{
		"rename swap.new", "syncdir env", // the marker
		"rename data", "rename header.one", "rename header.two",
	}
	if len(got) < len(want) || !cmp.Equal(got[:len(want)], want) {
		t.Errorf("begins %q", got)
	}
	tail := []string{
		"remove journals", "rename journals", "syncdir env", "syncdir compact",
		"remove swap", "rename compact", "syncdir env", "remove lock", "remove compact.dropped", "syncdir env",
	}
	if n := len(got) - len(tail); n < 0 || !cmp.Equal(got[n:], tail) {
		t.Errorf("ends %q", got)
	}
}

func TestCopy_Refuses(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	shuffled(t, disk, 10, 1)
	_, err := compact(smallBatches(disk), trees()[:1])
	if unknown, ok := errors.AsType[*storage.UnknownStructureError](err); !ok || unknown.Name != "fixed" {
		t.Errorf("a structure that nobody copies: %v", err)
	}
	_, err = compact(smallBatches(disk), []storage.Part{storage.TreePart("tree"), storage.TreePart("fixed")})
	if _, ok := errors.AsType[*storage.CopyError](err); !ok {
		t.Errorf("a part for another kind of structure: %v", err)
	}
	_, err = compact(smallBatches(disk), append(trees(), storage.TreePart("not there")))
	must(t, err)
}

func TestCompaction_SealCanBeStopped(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	shuffled(t, disk, 2000, 1)
	before := digestIn(t, disk)
	c, err := storage.BeginCompaction(smallBatches(disk))
	must(t, err)
	for _, err := range storage.Copy(c.Source(), c.Target(), trees()) {
		must(t, err)
	}
	enough, asked := errors.New("enough"), 0
	err = c.Seal(func() error {
		if asked++; asked > 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	must(t, c.Close())
	must(t, c.Close())
	if digestIn(t, disk) != before {
		t.Error("the original has changed")
	}
	if names, _ := disk.List("env"); slices.Contains(names, "compact") {
		t.Errorf("left %q", names)
	}
}

// TestCompaction_DamageIsNotCopied: a page that is not what was written stops the copy.
func TestCompaction_DamageIsNotCopied(t *testing.T) {
	disk := memfs.New()
	shuffled(t, disk, 2000, 1)
	leaf := uint64(0)
	env, err := storage.Open(storagetest.Options(disk))
	must(t, err)
	must(t, env.View(func(tx *storage.ReadTx) error {
		tree, _ := tx.Tree("tree")
		leaf = uint64(tree.State().Root)
		return nil
	}))
	must(t, env.Close())
	disk.Corrupt("env/data", func(b []byte) []byte { b[leaf*8192+4000] ^= 8; return b })
	_, err = compact(smallBatches(disk), trees())
	if _, ok := errors.AsType[*storage.CorruptError](err); !ok {
		t.Errorf("got %v", err)
	}
	if names, _ := disk.List("env"); slices.Contains(names, "compact") {
		t.Errorf("left %q", names)
	}
}

// TestCompaction_SurvivesPowerCut cuts the power at each operation. Package database does so with documents; this also runs where
// pages are encrypted.
func TestCompaction_SurvivesPowerCut(t *testing.T) {
	perOp := 3
	if testing.Short() {
		perOp = 1
	}
	plain := memfs.New()
	shuffled(t, plain, 300, 1)
	want := digestIn(t, plain)
	disk := plain.AfterCrash(memfs.AllWritten, 0, memfs.Record())
	_, err := compact(smallBatches(disk), trees())
	must(t, err)
	random := rand.New(rand.NewPCG(1, 5))
	for op := range disk.OpCount() + 1 {
		for range perOp {
			mode, chance := memfs.CrashModes()[random.IntN(4)], random.Uint64()
			left := disk.CrashAt(op, mode, chance)
			if got := digestIn(t, left); got != want {
				t.Fatalf("operation %d, %v %#x: the environment has changed", op, mode, chance)
			}
			names, err := left.List("env")
			must(t, err)
			if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "compact") || name == "swap" }) {
				t.Fatalf("operation %d, %v %#x: opening left %q", op, mode, chance, names)
			}
			if t.Failed() {
				t.Fatalf("operation %d, %v %#x", op, mode, chance)
			}
		}
	}
}

// TestCompaction_NeedsLittleMemory copies and reports more than a transaction may hold in memory.
func TestCompaction_NeedsLittleMemory(t *testing.T) {
	disk := memfs.New(memfs.WithoutCrashes())
	shuffled(t, disk, 20_000, 1)
	want := digestIn(t, disk)
	opts := storagetest.Options(disk)
	opts.NoMapping, opts.TxPageBytesMax, opts.TxCacheBytes = true, 512<<10, 64<<10
	_, err := compact(opts, trees())
	must(t, err)
	if digestIn(t, disk) != want {
		t.Error("the copy has other entries than the original")
	}
	env := storagetest.OpenWith(t, opts)
	report, err := env.Report(true, nil)
	must(t, err)
	if report.DataBytes < 4*opts.TxPageBytesMax {
		t.Errorf("only %d bytes: this proves nothing", report.DataBytes)
	}
}

// TestCompaction_OfEncryptedIsEncrypted: under the same key, with an id and so with page keys of its own.
func TestCompaction_OfEncryptedIsEncrypted(t *testing.T) {
	const text = "a text that no file may hold as it is"
	for _, a := range algorithms {
		disk := memfs.New(memfs.WithoutCrashes())
		opts := encrypted(disk, a)
		env, err := storage.Open(opts)
		must(t, err)
		must(t, env.Update(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("tree")
			if err != nil {
				return err
			}
			return tree.Put([]byte("key"), []byte(text))
		}))
		must(t, env.Close())
		_, err = compact(opts, trees())
		must(t, err)
		wantAbsent(t, disk, text)
		names, err := disk.List("env")
		must(t, err)
		if diff := cmp.Diff(names, []string{"data", "header.one", "header.two", "journals", "lock"}); diff != "" {
			t.Errorf("files left (-got +want):\n%s", diff)
		}
		opts.Encryption = nil
		_, err = storage.Open(opts)
		if _, ok := errors.AsType[*storage.KeyError](err); !ok {
			t.Errorf("opened without the key: %v", err)
		}
		env = storagetest.OpenWith(t, encrypted(disk, a))
		must(t, env.View(func(tx *storage.ReadTx) error {
			tree, _ := tx.Tree("tree")
			if got, _, err := tree.Get([]byte("key")); string(got) != text {
				t.Errorf("got %q, %v", got, err)
			}
			return nil
		}))
	}
}
