package compression_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// history is a run on a recorded disk: what was committed, and when.
type history struct {
	disk   *memfs.FS
	states []map[string][]byte // after so many commits
	began  []int               // operation at which each commit began, from the first on
	acked  []int               // operation before which it was confirmed
}

// record writes two eras of orders under a few keys, with trainings, dropped transactions and dropped dictionaries between.
func record(t *testing.T) *history {
	t.Helper()
	h := &history{disk: memfs.New(memfs.Record()), states: []map[string][]byte{{}}}
	s := openStore(t, h.disk, compression.Options{TrainAfterValues: 64})
	orders := compressiontest.NewOrders(3)
	for round := range 40 {
		orders.Era = round / 20
		state := maps.Clone(h.states[len(h.states)-1])
		w := s.begin(t)
		for i := range 40 {
			key := fmt.Sprintf("orders/%d", (round*7+i)%50)
			state[key] = orders.Next()
			w.put(t, "Orders", key, state[key])
		}
		if round%5 == 3 {
			w.rollback()
			continue
		}
		if _, err := w.session.DropUnused(); err != nil {
			t.Fatal(err)
		}
		h.began = append(h.began, h.disk.OpCount())
		w.commit(t)
		h.acked = append(h.acked, h.disk.OpCount())
		h.states = append(h.states, state)
		if _, err := s.svc.Train(); err != nil {
			t.Fatal(err)
		}
		if round%9 == 0 {
			if err := s.env.Flush(); err != nil {
				t.Fatal(err)
			}
			if err := s.env.Sync(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := s.statsOf(t, "Orders").Dictionary; n < 2 {
		t.Fatalf("the history ends with dictionary %d, want two trainings", n)
	}
	s.close(t)
	return h
}

// allowed are the numbers of commits that may be found after a power cut at operation op.
func (h *history) allowed(op int) (from, to int) {
	for from < len(h.acked) && h.acked[from] <= op {
		from++
	}
	to = from
	if to < len(h.began) && h.began[to] <= op {
		to++
	}
	return from, to
}

// TestCommit_DictionariesSurvivePowerCut: whatever commit is found after a power cut, every value in it can be read, with the
// registry, and with either file of copies as it stands beside the environment.
func TestCommit_DictionariesSurvivePowerCut(t *testing.T) {
	h := record(t)
	images := 2000
	if testing.Short() {
		images = 250
	}
	for i := range images {
		op := h.disk.OpCount() * i / images
		mode := memfs.CrashModes()[i%4]
		from, to := h.allowed(op)
		left := h.disk.CrashAt(op, mode, uint64(i))
		found := wantOneOf(t, fmt.Sprintf("image %d, operation %d, %v", i, op, mode), left, h.states[from:to+1])
		if t.Failed() {
			t.Fatalf("image %d, operation %d, %v: %d commits confirmed, state %d found", i, op, mode, from, from+found)
		}
	}
	t.Logf("%d crash images over %d operations", images, h.disk.OpCount())
}

// wantOneOf recovers a disk and returns which of the states it found.
func wantOneOf(t *testing.T, image string, disk *memfs.FS, states []map[string][]byte) int {
	t.Helper()
	env, err := storage.Open(storagetest.Options(disk))
	if err != nil {
		t.Fatalf("%s: %v", image, err)
	}
	beforeMending(t, disk, env)
	if err := env.Close(); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, disk, compression.Options{})
	defer s.close(t)
	found := 0
	s.view(t, func(tx *storage.ReadTx) { found = whichState(t, s, tx, states) })
	s.wantAll(t, states[found])
	s.check(t)
	return found
}

// beforeMending looks at the copies as the crash left them.
func beforeMending(t *testing.T, disk *memfs.FS, env *storage.Env) {
	t.Helper()
	s := &store{disk: disk, env: env}
	s.view(t, func(tx *storage.ReadTx) {
		needed := map[uint32]uint64{}
		if tree, found := tx.Tree(valuesTree); found {
			c := tree.Cursor()
			for ok := c.First(); ok; ok = c.Next() {
				if h, _, _ := zdict.DecodeHeader(c.Value()); h.Dictionary != 0 {
					needed[h.Dictionary]++
				}
			}
		}
		s.checkCopies(t, needed)
	})
}

// whichState returns the first of the states whose first value differs from those of the others and is there.
func whichState(t *testing.T, s *store, tx storage.Tx, states []map[string][]byte) int {
	t.Helper()
	for i, state := range states {
		same := true
		for key, want := range state {
			stored := storedIn(t, tx, key)
			if stored == nil || string(s.read(t, tx, key)) != string(want) {
				same = false
				break
			}
		}
		if same && (len(state) > 0 || len(states) == 1 || storedIn(t, tx, "orders/0") == nil) {
			return i
		}
	}
	t.Fatal("the state is none of those that were committed")
	return 0
}
