package cluster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func options(fs vfs.FS) cluster.Options {
	return cluster.Options{
		FS: fs, Dir: "System", Now: func() time.Time { return noon }, Rand: rand.New(rand.NewPCG(1, 2)),
		Logger: slog.New(slog.DiscardHandler), Ticks: make(chan time.Time), NodeURL: "http://a",
	}
}

func open(t testing.TB, o cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func propose(t testing.TB, c *cluster.Cluster, cmd cluster.Command) cluster.Result {
	t.Helper()
	r, err := c.Propose(t.Context(), cluster.Proposal{Command: cmd})
	if err != nil {
		t.Fatalf("%#v: %v", cmd, err)
	}
	return r
}

// stateText is a State without its index, which a new leader's first entry moves.
func stateText(s *cluster.State) string {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(cluster.AppendState(nil, s), &m); err != nil {
		panic(err)
	}
	delete(m, "Index")
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestOpen_NewNodeLeadsAClusterOfOne(t *testing.T) {
	defer goleak.VerifyNone(t)
	c, err := cluster.Open(options(memfs.New()))
	if err != nil {
		t.Fatal(err)
	}
	s := c.State()
	if n, ok := s.Node("A"); !ok || n.URL != "http://a" || c.Tag() != "A" || len(s.ClusterID) != 36 || s.TopologyEtag != 1 || c.Term() < 1 {
		t.Errorf("state = %+v, tag %q, term %d", s, c.Tag(), c.Term())
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatalf("second Close: %v", err)
	}
}

func TestOpen_RefusesABadTag(t *testing.T) {
	o := options(memfs.New())
	o.NodeTag = "node1"
	_, err := cluster.Open(o)
	if _, ok := errors.AsType[*cluster.InvalidCommandError](err); !ok {
		t.Errorf("err = %v, want *InvalidCommandError", err)
	}
}

func TestPropose_AnswersWhenApplied(t *testing.T) {
	c := open(t, options(memfs.New()))
	before, changed := c.Changed()
	r := propose(t, c, cluster.CreateDatabase{Name: "Shop"})
	select {
	case <-changed:
	default:
		t.Error("a decision did not ring")
	}
	d, ok := c.State().Database("shop")
	if !ok || d.Etag != r.Index || len(d.ID) != 22 || d.Topology.TopologyID == d.ID || !d.Topology.NodesModifiedAt.Equal(noon) {
		t.Errorf("database = %+v, index %d", d, r.Index)
	}
	if _, ok := before.Database("shop"); ok {
		t.Error("the State from before has changed")
	}
	_, err := c.Propose(t.Context(), cluster.Proposal{Command: cluster.CreateDatabase{Name: "SHOP"}})
	if _, ok := errors.AsType[*cluster.DatabaseExistsError](err); !ok {
		t.Errorf("err = %v, want *DatabaseExistsError", err)
	}
}

func TestPropose_RefusesBeforeTheLog(t *testing.T) {
	o := options(memfs.New())
	o.CommandBytesMax = 1000
	c := open(t, o)
	index := c.State().Index
	f := func(p cluster.Proposal, kind fault.Kind) {
		t.Helper()
		if _, err := c.Propose(t.Context(), p); err == nil || fault.Of(err) != kind {
			t.Errorf("err = %v, want kind %v", err, kind)
		}
	}
	f(cluster.Proposal{Command: cluster.CreateDatabase{Name: "a/b"}}, fault.Invalid)
	f(cluster.Proposal{Command: cluster.CreateDatabase{Name: "a", Record: json.RawMessage(`{`)}}, fault.Invalid)
	f(cluster.Proposal{Command: cluster.SetNodeURL{Tag: "A", URL: string(make([]byte, 2000))}}, fault.TooLarge)
	f(cluster.Proposal{Command: cluster.SetNodeURL{Tag: "A"}, RequestID: string(make([]byte, 300))}, fault.Invalid)
	if got := c.State().Index; got != index {
		t.Errorf("index moved from %d to %d", index, got)
	}
}

func TestPropose_RepeatedRequestSurvivesRestart(t *testing.T) {
	fs := memfs.New()
	o := options(fs)
	c := open(t, o)
	p := cluster.Proposal{Command: cluster.CreateDatabase{Name: "a"}, RequestID: "r"}
	first, err := c.Propose(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	id := mustDatabase(t, c, "a").ID
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = open(t, options(fs))
	again, err := c.Propose(t.Context(), p)
	if err != nil || again.Index != first.Index || mustDatabase(t, c, "a").ID != id {
		t.Errorf("again = %+v, %v, want %+v", again, err, first)
	}
}

func mustDatabase(t testing.TB, c *cluster.Cluster, name string) *cluster.Database {
	t.Helper()
	d, ok := c.State().Database(name)
	if !ok {
		t.Fatalf("there is no database %q", name)
	}
	return d
}

func TestOpen_RestoresTheState(t *testing.T) {
	fs := memfs.New()
	var want string
	var index uint64
	// With the default, all is replayed from the log; with 1, all comes from snapshots; with 5, some of both.
	for i, every := range []int{0, 1, 5, 5, 1, 0} {
		o := options(fs)
		o.SnapshotEvery = every
		c := open(t, o)
		if want != "" && stateText(c.State()) != want {
			t.Fatalf("start %d:\ngot  %s\nwant %s", i, stateText(c.State()), want)
		}
		if c.State().Index <= index {
			t.Fatalf("start %d: index %d does not follow on %d", i, c.State().Index, index)
		}
		for k := range 7 {
			propose(t, c, cluster.CreateDatabase{Name: fmt.Sprint("db", i, "-", k), Record: json.RawMessage(`{"Sorters":{"a":"<&>"},"X":[1.50]}`)})
		}
		propose(t, c, cluster.DeleteDatabases{Names: []string{fmt.Sprint("db", i, "-0")}, HardDelete: true})
		want, index = stateText(c.State()), c.State().Index
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// With snapshots at every few entries the log stays short.
func TestCluster_CompactsItsLog(t *testing.T) {
	fs := memfs.New()
	o := options(fs)
	o.SnapshotEvery = 10
	c := open(t, o)
	for i := range 35 {
		propose(t, c, cluster.SetNodeURL{Tag: "A", URL: fmt.Sprint(i)})
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	env, err := storage.Open(storage.Options{FS: fs, Dir: "System", Now: o.Now, Rand: rand.New(rand.NewPCG(1, 1)), ManualFlush: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = env.Close() }()
	if err := env.View(func(tx *storage.ReadTx) error {
		log, ok := tx.Tree("raft.log")
		if !ok || log.Entries() > 10 {
			t.Errorf("the log has %d entries", log.Entries())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestCluster_ManyProposersAtOnce(t *testing.T) {
	o := options(memfs.New())
	o.SnapshotEvery = 50
	c := open(t, o)
	const proposers, each = 8, 20
	var wg sync.WaitGroup
	indexes := make([][]uint64, proposers)
	for i := range proposers {
		wg.Go(func() {
			for k := range each {
				r, err := c.Propose(t.Context(), cluster.Proposal{Command: cluster.CreateDatabase{Name: fmt.Sprint(i, "-", k)}})
				if err != nil {
					t.Error(err)
					return
				}
				if _, ok := c.State().Database(fmt.Sprint(i, "-", k)); !ok {
					t.Error("an acknowledged decision cannot be seen")
				}
				indexes[i] = append(indexes[i], r.Index)
			}
		})
	}
	wg.Wait()
	seen := map[uint64]bool{}
	for _, list := range indexes {
		for _, index := range list {
			if seen[index] {
				t.Errorf("index %d was given twice", index)
			}
			seen[index] = true
		}
	}
	if len(seen) != proposers*each {
		t.Errorf("%d decisions, want %d", len(seen), proposers*each)
	}
}

func TestCluster_WaitIndex(t *testing.T) {
	c := open(t, options(memfs.New()))
	if err := c.WaitIndex(t.Context(), c.State().Index); err != nil {
		t.Error(err)
	}
	next := c.State().Index + 1
	waited := make(chan error, 1)
	go func() { waited <- c.WaitIndex(t.Context(), next) }()
	propose(t, c, cluster.SetNodeURL{Tag: "A", URL: "x"})
	if err := <-waited; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.WaitIndex(ctx, next+10); fault.Of(err) != fault.Timeout {
		t.Errorf("err = %v, want a timeout", err)
	}
	go func() { waited <- c.WaitIndex(context.Background(), next+10) }()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; !isClosed(err) {
		t.Errorf("err = %v, want *ClosedError", err)
	}
	if _, err := c.Propose(t.Context(), cluster.Proposal{Command: cluster.SetNodeURL{Tag: "A"}}); !isClosed(err) {
		t.Errorf("err = %v, want *ClosedError", err)
	}
	if c.Failed() != nil {
		t.Errorf("Failed = %v after Close", c.Failed())
	}
}

func isClosed(err error) bool {
	_, ok := errors.AsType[*cluster.ClosedError](err)
	return ok
}

// bell is a log handler that rings at the first warning.
type bell struct {
	slog.Handler
	rung chan struct{} // capacity 1
}

func (b bell) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

func (b bell) Handle(context.Context, slog.Record) error {
	select {
	case b.rung <- struct{}{}:
	default:
	}
	return nil
}

// While the disk is full, decisions wait; when there is room again, they are made.
func TestCluster_WaitsForRoomOnTheDisk(t *testing.T) {
	fs := memfs.New(memfs.WithoutCrashes())
	o := options(fs)
	ticks, waits := make(chan time.Time), bell{Handler: slog.DiscardHandler, rung: make(chan struct{}, 1)}
	o.Ticks, o.Logger = ticks, slog.New(waits)
	c := open(t, o)
	fs.SetSizeBytesMax(1)
	random := rand.New(rand.NewPCG(3, 4))
	record := []byte(`{"X":"` + string(make([]byte, 300_000)) + `"}`)
	for i := range 100 { // until the journals that were made before are full
		for k := 6; k < len(record)-2; k++ {
			record[k] = 'a' + byte(random.IntN(26)) // so that compression cannot help
		}
		answer := make(chan error, 1)
		go func() {
			_, err := c.Propose(t.Context(), cluster.Proposal{Command: cluster.CreateDatabase{Name: fmt.Sprint("db", i), Record: record}})
			answer <- err
		}()
		select {
		case err := <-answer:
			if err != nil {
				t.Fatal(err)
			}
			continue
		case <-waits.rung:
		}
		ticks <- noon // tries again, and there is still no room
		ticks <- noon
		fs.SetSizeBytesMax(0)
		ticks <- noon
		if err := <-answer; err != nil || c.Failed() != nil {
			t.Fatalf("after room was made: %v, failed %v", err, c.Failed())
		}
		mustDatabase(t, c, fmt.Sprint("db", i))
		return
	}
	t.Fatal("the disk was never full")
}

// A log entry of a newer server stops the node with a clear error instead of a guess.
func TestOpen_RefusesNewerSnapshots(t *testing.T) {
	fs := memfs.New()
	c := open(t, options(fs))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	env, err := storage.Open(storage.Options{FS: fs, Dir: "System", Now: func() time.Time { return noon }, Rand: rand.New(rand.NewPCG(1, 1)), ManualFlush: true})
	if err != nil {
		t.Fatal(err)
	}
	err = env.Update(func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree("raft.state")
		if err != nil {
			return err
		}
		return tree.Put([]byte("snapshot-data"), []byte(`{"Version":99}`))
	})
	if err := errors.Join(err, env.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = cluster.Open(options(fs))
	if _, ok := errors.AsType[*cluster.NewerVersionError](err); !ok {
		t.Errorf("err = %v, want *NewerVersionError", err)
	}
}

// After a power cut at any operation, every acknowledged decision is there, the State is one that was published or the
// one after it, and the node leads again.
func TestCluster_SurvivesPowerCuts(t *testing.T) {
	const decisions = 8
	command := func(i int) cluster.Command {
		if i == 5 {
			return cluster.DeleteDatabases{Names: []string{"db2"}}
		}
		return cluster.CreateDatabase{Name: fmt.Sprint("db", i)}
	}
	// work returns the names after each acknowledged decision; the last element is what must be there.
	work := func(fs vfs.FS) []string {
		acked := []string{""}
		o := options(fs)
		o.SnapshotEvery = 3
		c, err := cluster.Open(o)
		if err != nil {
			return acked
		}
		defer func() { _ = c.Close() }()
		for i := range decisions {
			if _, err := c.Propose(t.Context(), cluster.Proposal{Command: command(i)}); err != nil {
				return acked
			}
			acked = append(acked, databaseNames(c.State()))
		}
		return acked
	}
	counting := memfs.New()
	all := work(counting)
	if len(all) != decisions+1 {
		t.Fatalf("the run without a cut stopped after %d decisions", len(all)-1)
	}
	step := 1
	if testing.Short() {
		step = 3
	}
	cuts := 0
	for op := 0; op < counting.OpCount(); op += step {
		disk := memfs.New(memfs.DieAtOp(op))
		acked := len(work(disk)) - 1
		for _, mode := range memfs.CrashModes() {
			cuts++
			c, err := cluster.Open(options(disk.AfterCrash(mode, uint64(op))))
			if err != nil {
				t.Fatalf("op %d, %v: %v", op, mode, err)
			}
			got := databaseNames(c.State())
			if got != all[acked] && (acked == decisions || got != all[acked+1]) {
				t.Errorf("op %d, %v: databases %q after %d acknowledged decisions, want %q or one more", op, mode, got, acked, all[acked])
			}
			if _, err := c.Propose(t.Context(), cluster.Proposal{Command: cluster.CreateDatabase{Name: "after"}}); err != nil {
				t.Errorf("op %d, %v: %v", op, mode, err)
			}
			if err := c.Close(); err != nil {
				t.Errorf("op %d, %v: %v", op, mode, err)
			}
		}
	}
	t.Logf("%d crash images", cuts)
}

func databaseNames(s *cluster.State) string {
	var b bytes.Buffer
	for d := range s.Databases() {
		b.WriteString(d.Name + " ")
	}
	return b.String()
}
