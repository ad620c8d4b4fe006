package storage_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// brief is a short sequence of acts on a small environment, and what must be in it after each.
type brief struct {
	t      *testing.T
	disk   *memfs.FS
	env    *storage.Env
	states []string // after so many commits
	began  []int    // operation at which each commit began
	acked  []int    // operation before which it was confirmed
	last   int      // operation at which the last act began
}

// acts are what a sequence is made of.
var acts = []struct {
	name string
	do   func(*brief)
}{
	{"put", func(b *brief) { b.put("t", "short", fmt.Sprint("value ", len(b.states))) }},
	{"delete", func(b *brief) {
		b.commit(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("t")
			if err != nil {
				return err
			}
			_, err = tree.Delete([]byte("long"))
			return err
		})
	}},
	{"create", func(b *brief) { b.put("new", "key", strings.Repeat("n", 3000)) }},
	{"drop", func(b *brief) {
		b.commit(func(tx *storage.WriteTx) error { return errors.Join(tx.Drop("old"), tx.Drop("new")) })
	}},
	{"flush", func(b *brief) { must(b.t, b.env.Flush()) }},
	{"sync", func(b *brief) { must(b.t, b.env.Sync()) }},
	{"rotate", (*brief).rotate},
	{"compact", (*brief).compact},
	{"reopen", func(b *brief) { must(b.t, b.env.Close()); b.open() }},
}

func (b *brief) put(structure, key, value string) {
	b.commit(func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree(structure)
		if err != nil {
			return err
		}
		return tree.Put([]byte(key), []byte(value))
	})
}

// rotate commits records until a journal is full.
func (b *brief) rotate() {
	for before := b.env.Stats().Journals.Rotations; b.env.Stats().Journals.Rotations == before; {
		noise := make([]byte, 12<<10)
		for random, i := rand.New(rand.NewPCG(1, uint64(len(b.states)))), 0; i < len(noise); i++ {
			noise[i] = byte(random.Uint32())
		}
		b.put("t", "long", string(noise))
	}
}

// briefOptions make journals of a few records.
func briefOptions(disk *memfs.FS) storage.Options {
	opts := storagetest.Options(disk)
	opts.JournalBytesMax = 24 << 10
	return opts
}

func (b *brief) compact() {
	must(b.t, b.env.Close())
	var parts []storage.Part
	for _, name := range []string{"t", "old", "new"} {
		parts = append(parts, storage.TreePart(name))
	}
	opts := briefOptions(b.disk)
	opts.MaxUnflushedBytes = 16 << 20
	_, err := compact(opts, parts)
	must(b.t, err)
	b.open()
}

func (b *brief) open() {
	env, err := storage.Open(briefOptions(b.disk))
	must(b.t, err)
	b.env = env
}

func (b *brief) commit(change func(*storage.WriteTx) error) {
	b.began = append(b.began, b.disk.OpCount())
	must(b.t, b.env.Update(change))
	b.acked = append(b.acked, b.disk.OpCount())
	b.states = append(b.states, entriesOf(b.t, b.env))
}

// entriesOf is all that an environment of trees holds.
func entriesOf(t *testing.T, env *storage.Env) string {
	t.Helper()
	all := map[string]string{}
	must(t, env.View(func(tx *storage.ReadTx) error {
		for name := range tx.Names() {
			all[name] = "a tree"
			tree, _ := tx.Tree(name)
			c := tree.Cursor()
			for ok := c.First(); ok; ok = c.Next() {
				all[name+"/"+string(c.Key())] = string(c.Value())
			}
			if c.Err() != nil {
				return c.Err()
			}
		}
		return nil
	}))
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%q %q\n", key, all[key])
	}
	return b.String()
}

// playBrief plays a sequence from the start, and closes the environment.
func playBrief(t *testing.T, start *memfs.FS, sequence []int) *brief {
	t.Helper()
	b := &brief{t: t, disk: start.AfterCrash(memfs.AllWritten, 0, memfs.Record())}
	b.open()
	b.states = []string{entriesOf(t, b.env)}
	for _, act := range sequence {
		b.last = b.disk.OpCount()
		acts[act].do(b)
	}
	must(t, b.env.Close())
	return b
}

// allowed are the states that may be found after a power cut at operation op.
func (b *brief) allowed(op int) []string {
	from, to := 0, 0
	for i := range b.acked {
		if b.acked[i] <= op {
			from = i + 1
		}
		if b.began[i] <= op {
			to = i + 1
		}
	}
	return b.states[from : to+1]
}

// TestShortSequences_SurvivePowerCut plays every sequence of at most two acts, and cuts the power at every operation of the last
// act and of closing, in every mode; cuts before it are those of the shorter sequence. ROOKERY_SEQUENCE_LENGTH=3 plays longer ones.
func TestShortSequences_SurvivePowerCut(t *testing.T) {
	start := briefStart(t)
	length := numberOr("ROOKERY_SEQUENCE_LENGTH", 2)
	images, replayed := 0, 0
	for n := 1; n <= length; n++ {
		for number := range power(len(acts), n) {
			if testing.Short() && n > 1 && number%7 != 0 {
				continue
			}
			i, r := playBrief(t, start, digits(number, n)).cutEverywhere(sequenceName(digits(number, n)))
			images, replayed = images+i, replayed+r
		}
	}
	t.Logf("%d crash images, %d with records to replay", images, replayed)
	if images < 1000 || replayed == 0 {
		t.Error("too little was tried")
	}
}

// briefStart is an environment with two trees, all in the data file, and a spare journal.
func briefStart(t *testing.T) *memfs.FS {
	t.Helper()
	b := &brief{t: t, disk: memfs.New()}
	b.open()
	for i := range 4 {
		b.put("t", "short", fmt.Sprint("first ", i))
		b.put("t", "long", strings.Repeat("x", 9000+i))
		b.put("old", fmt.Sprint("key ", i), strings.Repeat("o", 100))
		b.rotate()
		must(t, errors.Join(b.env.Flush(), b.env.Sync()))
	}
	must(t, b.env.Close())
	return b.disk
}

func power(base, exponent int) int {
	n := 1
	for range exponent {
		n *= base
	}
	return n
}

// digits are the acts of the sequence with this number.
func digits(number, n int) []int {
	sequence := make([]int, n)
	for i := range sequence {
		sequence[i] = number % len(acts)
		number /= len(acts)
	}
	return sequence
}

func sequenceName(sequence []int) string {
	names := make([]string, len(sequence))
	for i, act := range sequence {
		names[i] = acts[act].name
	}
	return strings.Join(names, ", ")
}

func (b *brief) cutEverywhere(name string) (images, replayed int) {
	for op := b.last; op <= b.disk.OpCount(); op++ {
		for _, mode := range memfs.CrashModes() {
			chances := uint64(2)
			if mode == memfs.SyncedOnly || mode == memfs.AllWritten {
				chances = 1 // they use none
			}
			for chance := range chances {
				at := fmt.Sprintf("%s: operation %d, %v %d", name, op, mode, chance)
				replayed += b.recover(at, b.disk.CrashAt(op, mode, uint64(op)*2+chance), b.allowed(op))
				images++
			}
		}
	}
	return images, replayed
}

// recover opens an image twice, the second time after another power cut.
func (b *brief) recover(at string, left *memfs.FS, allowed []string) (replayed int) {
	for i := range 2 {
		env, err := storage.Open(briefOptions(left))
		if err != nil {
			b.t.Fatalf("%s: open %d: %v", at, i, err)
		}
		found := entriesOf(b.t, env)
		if !slices.Contains(allowed, found) {
			b.t.Fatalf("%s: open %d found a state that never was, or lost a confirmed commit", at, i)
		}
		allowed = []string{found}
		storagetest.Check(b.t, env)
		if names, _ := left.List("env"); slices.ContainsFunc(names, isOfCompaction) {
			b.t.Fatalf("%s: opening left %q", at, names)
		}
		if env.Stats().RecoveredRecords > 0 {
			replayed = 1
		}
		left = left.AfterCrash(memfs.SyncedOnly, 0)
		must(b.t, env.Close())
	}
	if b.t.Failed() {
		b.t.Fatal(at)
	}
	return replayed
}

func isOfCompaction(name string) bool { return strings.HasPrefix(name, "compact") || name == "swap" }
