package compression_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestService_MatchesMap runs histories of puts, moves, deletes, rollbacks, restarts, trainings and drift, against a map. All that
// was committed is readable, counts and copies are right, and older snapshots read what they read before.
func TestService_MatchesMap(t *testing.T) {
	var seen struct{ trained, registered, rolledBack, dropped, old int }
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		defer m.end(t)
		t.Repeat(map[string]func(*rapid.T){
			"put":    m.put,
			"delete": m.delete,
			"move":   m.move,
			"commit": func(t *rapid.T) {
				if m.write != nil {
					m.commit(t)
				}
			},
			"roll back": func(t *rapid.T) {
				if m.write == nil {
					t.Skip("no transaction")
				}
				m.rollback()
				seen.rolledBack++
			},
			"restart": func(t *rapid.T) {
				m.closeAll(t)
				m.store.reopen(t)
			},
			"write and train": func(t *rapid.T) {
				m.put(t)
				if rapid.IntRange(0, 4).Draw(t, "dropped") > 0 {
					m.commit(t)
				}
				n, err := m.store.svc.Train()
				if err != nil {
					t.Fatal(err)
				}
				seen.trained += n
			},
			"drift": func(t *rapid.T) {
				m.orders.Era = rapid.IntRange(0, 3).Draw(t, "era")
				if rapid.IntRange(0, 3).Draw(t, "for long") == 0 {
					seen.trained += m.learn(t, 9)
				}
			},
			"drop unused": func(t *rapid.T) {
				n, err := m.begin(t).session.DropUnused()
				if err != nil {
					t.Fatal(err)
				}
				seen.dropped += n
			},
			"snapshot": m.snapshot,
			"check": func(t *rapid.T) {
				m.store.wantAll(t, m.committed)
				m.store.check(t)
				for _, s := range m.snapshots {
					m.store.wantAllIn(t, s.tx, s.values)
					seen.old++
				}
			},
		})
		for _, n := range m.store.svc.Stats().Names {
			if n.Dictionary != 0 {
				seen.registered++
			}
		}
	})
	t.Logf("%+v", seen)
	if seen.trained == 0 || seen.registered == 0 || seen.rolledBack == 0 {
		t.Errorf("too little happened: %+v", seen)
	}
}

type model struct {
	store     *store
	orders    *compressiontest.Orders
	write     *write // nil when there is none
	committed map[string][]byte
	pending   map[string][]byte // with the changes of write
	snapshots []snapshot
}

type snapshot struct {
	tx     *storage.ReadTx
	values map[string][]byte
}

func newModel(t *rapid.T) *model {
	t.Helper()
	m := &model{
		store:     openStore(t, memfs.New(memfs.WithoutCrashes()), compression.Options{TrainAfterValues: 64}),
		orders:    compressiontest.NewOrders(rapid.Uint64().Draw(t, "seed")),
		committed: map[string][]byte{},
	}
	if rapid.IntRange(0, 3).Draw(t, "trained") > 0 {
		m.learn(t, 2)
	}
	return m
}

// learn writes and trains for so many rounds of 90 orders, and returns how many dictionaries came of it.
func (m *model) learn(t *rapid.T, rounds int) (trained int) {
	t.Helper()
	for range rounds {
		w := m.begin(t)
		for i := range 90 {
			key := fmt.Sprintf("Orders/%d", i%60)
			m.pending[key] = m.orders.Next()
			w.put(t, "Orders", key, m.pending[key])
		}
		m.commit(t)
		n, err := m.store.svc.Train()
		if err != nil {
			t.Fatal(err)
		}
		trained += n
	}
	return trained
}

func (m *model) end(t *rapid.T) {
	t.Helper()
	m.closeAll(t)
	m.store.reopen(t)
	m.store.wantAll(t, m.committed)
	m.store.check(t)
	m.store.close(t)
}

// closeAll ends what would keep the environment from closing. The transaction is dropped, as by a crash.
func (m *model) closeAll(t *rapid.T) {
	t.Helper()
	m.rollback()
	for _, s := range m.snapshots {
		s.tx.Close()
	}
	m.snapshots = nil
}

// begin returns the transaction, begun when there is none.
func (m *model) begin(t *rapid.T) *write {
	t.Helper()
	if m.write == nil {
		m.write, m.pending = m.store.begin(t), maps.Clone(m.committed)
	}
	return m.write
}

func (m *model) commit(t *rapid.T) {
	t.Helper()
	m.write.commit(t)
	m.write, m.committed = nil, m.pending
}

func (m *model) rollback() {
	if m.write != nil {
		m.write.rollback()
		m.write = nil
	}
}

// put writes up to 150 values: enough to make training due.
func (m *model) put(t *rapid.T) {
	name := rapid.SampledFrom([]string{"Orders", "Users"}).Draw(t, "name")
	n, first := rapid.IntRange(1, 150).Draw(t, "count"), rapid.IntRange(0, 60).Draw(t, "first")
	w := m.begin(t)
	for i := range n {
		key := fmt.Sprintf("%s/%d", name, (first+i)%60)
		m.pending[key] = m.orders.Next()
		w.put(t, name, key, m.pending[key])
		if got := m.store.read(t, w.tx, key); !bytes.Equal(got, m.pending[key]) {
			t.Fatalf("%q reads as %q in its own transaction", key, got)
		}
	}
}

func (m *model) delete(t *rapid.T) {
	w := m.begin(t)
	for range min(len(m.pending), rapid.IntRange(1, 60).Draw(t, "count")) {
		key := m.pick(t)
		w.delete(t, key)
		delete(m.pending, key)
	}
}

func (m *model) move(t *rapid.T) {
	w := m.begin(t)
	if len(m.pending) == 0 {
		t.Skip("nothing to move")
	}
	from := m.pick(t)
	to := "moved/" + from
	stored := storedIn(t, w.tx, from)
	w.release(t, to)
	w.remove(t, from)
	w.place(t, to, stored)
	m.pending[to] = m.pending[from]
	delete(m.pending, from)
}

func (m *model) pick(t *rapid.T) string {
	t.Helper()
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.pending))).Draw(t, "which")
}

func (m *model) snapshot(t *rapid.T) {
	if len(m.snapshots) == 3 {
		m.snapshots[0].tx.Close()
		m.snapshots = m.snapshots[1:]
	}
	tx, err := m.store.env.Read()
	if err != nil {
		t.Fatal(err)
	}
	m.snapshots = append(m.snapshots, snapshot{tx, m.committed})
}
