package raftstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/raftstore"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func openEnv(fs vfs.FS) (*storage.Env, error) {
	return storage.Open(storage.Options{
		FS: fs, Dir: "raft", Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Unix(0, 0) },
		Rand: rand.New(rand.NewPCG(1, 2)), ManualFlush: true,
	})
}

func open(t testing.TB, fs vfs.FS) (*raftstore.Store, *storage.Env) {
	t.Helper()
	env, err := openEnv(fs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = env.Close() })
	s, err := raftstore.Open(env)
	if err != nil {
		t.Fatal(err)
	}
	return s, env
}

func entry(index, term uint64, data string) *raftpb.Entry {
	e := &raftpb.Entry{Index: &index, Term: &term, Type: raftpb.EntryNormal.Enum()}
	if data != "" {
		e.Data = []byte(data)
	}
	return e
}

func hardState(term, vote, commit uint64) *raftpb.HardState {
	return &raftpb.HardState{Term: &term, Vote: &vote, Commit: &commit}
}

func snapshot(index, term uint64, data string, voters ...uint64) *raftpb.Snapshot {
	return &raftpb.Snapshot{Data: []byte(data), Metadata: &raftpb.SnapshotMetadata{
		Index: &index, Term: &term, ConfState: &raftpb.ConfState{Voters: voters},
	}}
}

func TestStore_NewIsEmpty(t *testing.T) {
	s, _ := open(t, memfs.New())
	if !s.IsEmpty() {
		t.Error("a new store is not empty")
	}
	hard, members, err := s.InitialState()
	if err != nil || !raft.IsEmptyHardState(hard) || members == nil || len(members.GetVoters()) > 0 {
		t.Errorf("InitialState = %v, %v, %v", hard, members, err)
	}
	first, _ := s.FirstIndex()
	last, _ := s.LastIndex()
	if first != 1 || last != 0 {
		t.Errorf("log from %d to %d, want 1 to 0", first, last)
	}
	if _, err := s.Term(1); !errors.Is(err, raft.ErrUnavailable) {
		t.Errorf("Term(1) = %v, want ErrUnavailable", err)
	}
	if term, err := s.Term(0); term != 0 || err != nil {
		t.Errorf("Term(0) = %d, %v, want 0", term, err)
	}
	if _, err := s.Entries(1, 2, 1<<20); !errors.Is(err, raft.ErrUnavailable) {
		t.Errorf("Entries = %v, want ErrUnavailable", err)
	}
	snap, err := s.Snapshot()
	if err != nil || !raft.IsEmptySnap(snap) {
		t.Errorf("Snapshot = %v, %v, want an empty one", snap, err)
	}
}

// machine holds a Store and the library's own storage in memory, which is the model.
type machine struct {
	fs    *memfs.FS
	env   *storage.Env
	store *raftstore.Store
	model *raft.MemoryStorage
	term  uint64
}

func (m *machine) bounds() (first, last uint64) {
	first, _ = m.model.FirstIndex()
	last, _ = m.model.LastIndex()
	return first, last
}

func TestStore_MatchesMemoryStorage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{fs: memfs.New(memfs.WithoutCrashes()), model: raft.NewMemoryStorage(), term: 1}
		m.reopen(t)
		defer func() { _ = m.env.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"save":       m.save,
			"install":    m.install,
			"checkpoint": m.checkpoint,
			"reopen":     m.reopen,
			"":           m.wantSame,
		})
	})
}

func (m *machine) reopen(t *rapid.T) {
	if m.env != nil {
		if err := m.env.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if m.env, err = openEnv(m.fs); err != nil {
		t.Fatal(err)
	}
	if m.store, err = raftstore.Open(m.env); err != nil {
		t.Fatal(err)
	}
}

// save appends entries, perhaps over some that are there, perhaps with a hard state.
func (m *machine) save(t *rapid.T) {
	first, last := m.bounds()
	from := rapid.Uint64Range(max(first-1, 1), last+1).Draw(t, "from")
	if from <= last {
		m.term++ // only another leader overwrites
	}
	var b raftstore.Batch
	for i := range rapid.Uint64Range(0, 5).Draw(t, "count") {
		data := bytes.Repeat([]byte{byte(i)}, rapid.SampledFrom([]int{0, 1, 100, 5000}).Draw(t, "bytes"))
		b.Entries = append(b.Entries, entry(from+i, m.term, string(data)))
	}
	if rapid.Bool().Draw(t, "hard") {
		b.HardState = hardState(m.term, rapid.Uint64Range(0, 3).Draw(t, "vote"), rapid.Uint64Range(0, last).Draw(t, "commit"))
	}
	if err := m.store.Save(b); err != nil {
		t.Fatal(err)
	}
	_ = m.model.Append(b.Entries)
	if b.HardState != nil {
		_ = m.model.SetHardState(b.HardState)
	}
}

// install takes over a snapshot of another node, sometimes an old one.
func (m *machine) install(t *rapid.T) {
	_, last := m.bounds()
	snap := snapshot(rapid.Uint64Range(1, last+10).Draw(t, "index"), m.term, "state", 1, 2)
	err := m.store.Save(raftstore.Batch{Snapshot: snap})
	if want := m.model.ApplySnapshot(snap); !errors.Is(err, want) || (err == nil) != (want == nil) {
		t.Fatalf("install: %v, want %v", err, want)
	}
}

func (m *machine) checkpoint(t *rapid.T) {
	first, last := m.bounds()
	if last < first {
		t.Skip("the log is empty")
	}
	index := rapid.Uint64Range(first, last).Draw(t, "index")
	compactTo := rapid.Uint64Range(0, index).Draw(t, "compact")
	members := &raftpb.ConfState{Voters: []uint64{index}}
	data := fmt.Append(nil, "state at ", index)
	err := m.store.Checkpoint(index, members, data, compactTo)
	if _, want := m.model.CreateSnapshot(index, members, data); !errors.Is(err, want) || (err == nil) != (want == nil) {
		t.Fatalf("checkpoint: %v, want %v", err, want)
	}
	if err != nil {
		return
	}
	if compactTo >= first {
		_ = m.model.Compact(compactTo)
	}
	hard, _, _ := m.model.InitialState()
	if hard.GetCommit() < index { // the store raises it, see Checkpoint
		_ = m.model.SetHardState(hardState(hard.GetTerm(), hard.GetVote(), index))
	}
}

func (m *machine) wantSame(t *rapid.T) {
	gotHard, gotMembers, err := m.store.InitialState()
	wantHard, wantMembers, _ := m.model.InitialState()
	if err != nil || !proto.Equal(gotMembers, wantMembers) || gotHard.GetTerm() != wantHard.GetTerm() ||
		gotHard.GetVote() != wantHard.GetVote() || gotHard.GetCommit() != wantHard.GetCommit() {
		t.Fatalf("InitialState = %v %v %v, want %v %v", gotHard, gotMembers, err, wantHard, wantMembers)
	}
	first, last := m.bounds()
	gotFirst, _ := m.store.FirstIndex()
	gotLast, _ := m.store.LastIndex()
	if gotFirst != first || gotLast != last {
		t.Fatalf("log from %d to %d, want %d to %d", gotFirst, gotLast, first, last)
	}
	for i := first - min(first, 2); i <= last+1; i++ {
		got, err := m.store.Term(i)
		want, wantErr := m.model.Term(i)
		if got != want || !errors.Is(err, wantErr) {
			t.Fatalf("Term(%d) = %d, %v, want %d, %v", i, got, err, want, wantErr)
		}
	}
	gotSnap, err := m.store.Snapshot()
	wantSnap, _ := m.model.Snapshot()
	if err != nil || !proto.Equal(gotSnap, wantSnap) {
		t.Fatalf("Snapshot = %v, %v, want %v", gotSnap, err, wantSnap)
	}
	if last >= first {
		lo := rapid.Uint64Range(first, last).Draw(t, "lo")
		m.wantEntries(t, lo, rapid.Uint64Range(lo+1, last+1).Draw(t, "hi"))
		m.wantEntries(t, first, last+1)
	}
}

func (m *machine) wantEntries(t *rapid.T, lo, hi uint64) {
	bytesMax := rapid.SampledFrom([]uint64{0, 120, 6000, 1 << 30}).Draw(t, "max")
	got, err := m.store.Entries(lo, hi, bytesMax)
	want, wantErr := m.model.Entries(lo, hi, bytesMax)
	if !errors.Is(err, wantErr) || len(got) != len(want) {
		t.Fatalf("Entries(%d, %d, %d) = %d entries, %v, want %d, %v", lo, hi, bytesMax, len(got), err, len(want), wantErr)
	}
	for i := range got {
		if !proto.Equal(got[i], want[i]) {
			t.Fatalf("entry %d = %v, want %v", lo+uint64(i), got[i], want[i])
		}
	}
}

// A Ready is one transaction: after a power cut at any operation, all of a confirmed batch is there, and of the one that
// was under way all or nothing.
func TestStore_SurvivesPowerCuts(t *testing.T) {
	batch := func(i uint64) raftstore.Batch {
		index := 3*i + 2
		b := raftstore.Batch{HardState: hardState(i+1, 1, index-1)}
		for k := range uint64(3) {
			b.Entries = append(b.Entries, entry(index+k, i+1, fmt.Sprint("entry ", index+k)))
		}
		return b
	}
	const batches = 6
	// work saves batches until the disk dies, with a checkpoint in the middle, and returns how many were confirmed.
	work := func(fs vfs.FS) (confirmed uint64) {
		env, err := openEnv(fs)
		if err != nil {
			return 0
		}
		defer func() { _ = env.Close() }()
		s, err := raftstore.Open(env)
		if err != nil || s.Save(raftstore.Batch{Snapshot: snapshot(1, 1, "begin", 1), HardState: hardState(1, 0, 1)}) != nil {
			return 0
		}
		for i := range uint64(batches) {
			if s.Save(batch(i)) != nil {
				return i
			}
			if i == 3 && s.Checkpoint(8, &raftpb.ConfState{Voters: []uint64{1}}, []byte("middle"), 6) != nil {
				return i + 1
			}
		}
		return batches
	}
	counting := memfs.New()
	work(counting)
	cuts := 0
	for op := range counting.OpCount() {
		disk := memfs.New(memfs.DieAtOp(op))
		confirmed := work(disk)
		for _, mode := range memfs.CrashModes() {
			cuts++
			wantBatches(t, disk.AfterCrash(mode, uint64(op)), confirmed, batch, fmt.Sprint("op ", op, " ", mode))
		}
	}
	t.Logf("%d crash images", cuts)
}

func wantBatches(t *testing.T, fs vfs.FS, confirmed uint64, batch func(uint64) raftstore.Batch, where string) {
	t.Helper()
	env, err := openEnv(fs)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	defer func() { _ = env.Close() }()
	s, err := raftstore.Open(env)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	hard, _, _ := s.InitialState()
	have := hard.GetTerm() // of batch i it is i+1; the first snapshot has 1 as well
	if have < confirmed {
		t.Fatalf("%s: %d batches, %d were confirmed", where, have, confirmed)
	}
	first, _ := s.FirstIndex()
	last, _ := s.LastIndex()
	if s.IsEmpty() {
		if confirmed > 0 {
			t.Fatalf("%s: all is gone", where)
		}
		return
	}
	if (last-1)%3 != 0 {
		t.Fatalf("%s: the log ends at %d, in the middle of a batch", where, last)
	}
	if last < first {
		return
	}
	list, err := s.Entries(first, last+1, 1<<30)
	if err != nil || uint64(len(list)) != last+1-first {
		t.Fatalf("%s: entries: %v", where, err)
	}
	for _, e := range list {
		i := (e.GetIndex() - 2) / 3
		if want := batch(i).Entries[(e.GetIndex()-2)%3]; !proto.Equal(e, want) {
			t.Fatalf("%s: entry %v, want %v", where, e, want)
		}
	}
}

func TestOpen_RefusesDamage(t *testing.T) {
	put := func(tree, key, value string) func(*storage.WriteTx) error {
		return func(tx *storage.WriteTx) error {
			w, err := tx.WriteTree(tree)
			if err != nil {
				return err
			}
			return w.Put([]byte(key), []byte(value))
		}
	}
	f := func(name string, damage func(*storage.WriteTx) error) {
		t.Helper()
		s, env := open(t, memfs.New(memfs.WithoutCrashes()))
		err := s.Save(raftstore.Batch{
			Snapshot: snapshot(4, 1, "x", 1), HardState: hardState(2, 1, 5),
			Entries: []*raftpb.Entry{entry(5, 2, "a"), entry(6, 2, "b"), entry(7, 2, "c")},
		})
		if err == nil {
			err = env.Update(damage)
		}
		if err != nil {
			t.Fatal(err)
		}
		s, err = raftstore.Open(env)
		if err == nil {
			_, err = s.Entries(5, 8, 1<<20)
		}
		if fault.Of(err) != fault.Corrupt {
			t.Errorf("%s: %v, want an error of kind corrupt", name, err)
		}
	}
	key := "\x00\x00\x00\x00\x00\x00\x00"
	remove := func(index string) func(*storage.WriteTx) error {
		return func(tx *storage.WriteTx) error {
			w, err := tx.WriteTree("raft.log")
			if err != nil {
				return err
			}
			_, err = w.Delete([]byte(key + index))
			return err
		}
	}
	f("hard state", put("raft.state", "hard-state", "short"))
	f("compaction point", put("raft.state", "compacted", "short"))
	f("metadata", put("raft.state", "snapshot-metadata", "\xff"))
	f("first entry gone", remove("\x05"))
	f("entry gone", remove("\x06"))
	f("key", put("raft.log", "key", "value"))
	f("short entry", put("raft.log", key+"\x06", "short"))
	f("entry type", put("raft.log", key+"\x06", "\x00\x00\x00\x00\x00\x00\x00\x02\x09data"))
}
