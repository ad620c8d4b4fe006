package server_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func options(fs vfs.FS, args ...string) server.Options {
	cfg, _, err := config.Parse(append([]string{"--DataDir=data"}, args...), nil, nil)
	if err != nil {
		panic(err)
	}
	return server.Options{
		Config: cfg, FS: fs, Now: func() time.Time { return time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC) },
		Rand: rand.New(rand.NewPCG(1, 2)), Logger: slog.New(slog.DiscardHandler), Version: "test", URL: "http://a:1",
	}
}

func open(t testing.TB, o server.Options) *server.Server {
	t.Helper()
	s, err := server.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

func mustClose(t testing.TB, s *server.Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func create(t testing.TB, s *server.Server, name string) *database.DB {
	t.Helper()
	if _, err := s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: name}); err != nil {
		t.Fatal(err)
	}
	return mustFind(t, s, name)
}

func mustFind(t testing.TB, s *server.Server, name string) *database.DB {
	t.Helper()
	db, err := s.Database(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func wantError[E error](t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if _, ok := errors.AsType[E](err); !ok || fault.Of(err) != kind {
		t.Errorf("got %T %v of kind %v, want %T of kind %v", err, err, fault.Of(err), *new(E), kind)
	}
}

// status lists the databases: + loaded, - disabled, ! faulty.
func status(s *server.Server) string {
	var list []string
	for _, st := range s.Databases() {
		mark := "?"
		switch {
		case st.Err != nil:
			mark = "!"
		case st.Loaded:
			mark = "+"
		case st.Disabled:
			mark = "-"
		}
		list = append(list, st.Name+mark)
	}
	return strings.Join(list, " ")
}

func TestServer_StartsEmptyAndStops(t *testing.T) {
	defer goleak.VerifyNone(t)
	s, err := server.Open(options(memfs.New()))
	if err != nil {
		t.Fatal(err)
	}
	if s.NodeTag() != "A" || s.Version() != "test" || s.StartedAt().IsZero() || s.PublicURL() != "" || s.Config().DataDir != "data" {
		t.Errorf("tag %q, version %q, started %v, public URL %q", s.NodeTag(), s.Version(), s.StartedAt(), s.PublicURL())
	}
	if n, _ := s.Cluster().State().Node("A"); n.URL != "http://a:1" {
		t.Errorf("node = %+v", n)
	}
	_, err = s.Database(t.Context(), "none")
	wantError[*cluster.DatabaseMissingError](t, err, fault.NotFound)
	mustClose(t, s)
	mustClose(t, s)
	_, err = s.Database(t.Context(), "none")
	wantError[*server.ClosedError](t, err, fault.Unavailable)
	_, err = s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: "a"})
	if fault.Of(err) != fault.Unavailable {
		t.Errorf("create on a closed server: %v", err)
	}
}

func TestServer_CreatedDatabaseCanBeUsedAtOnce(t *testing.T) {
	s := open(t, options(memfs.New()))
	for i := range 20 {
		name := fmt.Sprint("Shop", i)
		db := create(t, s, name)
		record, _ := s.Cluster().State().Database(name)
		if db.ID() != record.ID || db.Failed() != nil {
			t.Errorf("database %s has the id %s, its record %s; failed %v", name, db.ID(), record.ID, db.Failed())
		}
		if other := mustFind(t, s, strings.ToUpper(name)); other != db {
			t.Error("another case is another database")
		}
	}
	_, err := s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: "SHOP1"})
	wantError[*cluster.DatabaseExistsError](t, err, fault.Conflict)
	_, err = s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: "../x"})
	wantError[*cluster.InvalidNameError](t, err, fault.Invalid)
}

func TestServer_RepeatedRequestCreatesOnce(t *testing.T) {
	s := open(t, options(memfs.New()))
	first, err := s.CreateDatabase(t.Context(), "r1", cluster.CreateDatabase{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.CreateDatabase(t.Context(), "r1", cluster.CreateDatabase{Name: "a"})
	if err != nil || !cmp.Equal(first, again) {
		t.Errorf("again = %+v, %v, want %+v", again, err, first)
	}
}

func TestServer_RestartOpensWhatWasThere(t *testing.T) {
	fs := memfs.New()
	s := open(t, options(fs))
	ids := map[string]string{}
	for _, name := range []string{"a", "B", "c d"} {
		ids[name] = create(t, s, name).ID()
	}
	if _, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{"B"}, Disabled: true}); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)

	o := options(fs)
	o.URL = "http://a:2" // a free port is another one each time
	s = open(t, o)
	for _, name := range []string{"a", "c d"} {
		if got := mustFind(t, s, name).ID(); got != ids[name] {
			t.Errorf("id of %s = %s, want %s", name, got, ids[name])
		}
	}
	_, err := s.Database(t.Context(), "b")
	wantError[*server.DatabaseDisabledError](t, err, fault.Unavailable)
	if n, _ := s.Cluster().State().Node("A"); n.URL != "http://a:2" {
		t.Errorf("node = %+v", n)
	}
	if got, want := status(s), "a+ B- c d+"; got != want {
		t.Errorf("status = %q, want %q", got, want)
	}
}

func TestServer_DisabledDatabaseAnswersNobody(t *testing.T) {
	s := open(t, options(memfs.New()))
	db := create(t, s, "a")
	set := func(disabled bool) {
		t.Helper()
		if _, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{"A"}, Disabled: disabled}); err != nil {
			t.Fatal(err)
		}
	}
	set(true)
	_, err := s.Database(t.Context(), "a")
	wantError[*server.DatabaseDisabledError](t, err, fault.Unavailable)
	set(false)
	next := mustFind(t, s, "a")
	if next == db || next.ID() != db.ID() {
		t.Error("an enabled database is opened anew, and is the same")
	}
	if _, err := db.Stats(); err == nil {
		t.Error("the one from before is still open")
	}
	for range 10 {
		set(true)
		set(false)
	}
	mustFind(t, s, "a")
}

func exists(t testing.TB, fs vfs.FS, dir string) bool {
	t.Helper()
	_, err := fs.Stat(dir)
	return err == nil
}

func TestServer_DeleteErasesOrLeavesFiles(t *testing.T) {
	fs := memfs.New()
	s := open(t, options(fs))
	for _, name := range []string{"hard", "soft", "kept"} {
		create(t, s, name)
	}
	del := func(hard bool, names ...string) (cluster.Result, []string, error) {
		return s.DeleteDatabases(t.Context(), "", cluster.DeleteDatabases{Names: names, HardDelete: hard}, 0)
	}
	for name, hard := range map[string]bool{"hard": true, "soft": false} {
		if _, pending, err := del(hard, name); err != nil || len(pending) > 0 {
			t.Errorf("delete %s: pending %v, %v", name, pending, err)
		}
		_, err := s.Database(t.Context(), name)
		wantError[*cluster.DatabaseMissingError](t, err, fault.NotFound)
	}
	if exists(t, fs, "data/Databases/hard") || !exists(t, fs, "data/Databases/soft") || !exists(t, fs, "data/Databases/kept") {
		t.Error("files: want hard gone, soft and kept there")
	}
	if got := status(s); got != "kept+" {
		t.Errorf("status = %q", got)
	}
	if _, _, err := del(true, "none"); err == nil {
		t.Error("deleting a database that does not exist: no error")
	}
	// The names are free again.
	hard := create(t, s, "hard")
	create(t, s, "soft")
	if _, _, err := del(true, "hard"); err != nil {
		t.Fatal(err)
	}
	if create(t, s, "hard").ID() == hard.ID() {
		t.Error("a new database has the id of an old one")
	}
}

// A power cut between the decision to delete and the removal of the last file leaves nothing behind after the restart.
func TestServer_FinishesDeletionsAfterPowerCuts(t *testing.T) {
	work := func(fs vfs.FS) (created, deleted bool) {
		s, err := server.Open(options(fs))
		if err != nil {
			return false, false
		}
		defer func() { _ = s.Close() }()
		if _, err := s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: "a"}); err != nil {
			return false, false
		}
		_, pending, err := s.DeleteDatabases(t.Context(), "", cluster.DeleteDatabases{Names: []string{"a"}, HardDelete: true}, 0)
		return true, err == nil && len(pending) == 0
	}
	counting := memfs.New()
	if created, deleted := work(counting); !created || !deleted {
		t.Fatal("the run without a cut did not end well")
	}
	step := 2
	if testing.Short() {
		step = 7
	}
	for op := counting.OpCount(); op >= 0; op -= step { // the end, where files go, is never left out
		disk := memfs.New(memfs.DieAtOp(op))
		created, deleted := work(disk)
		for _, mode := range memfs.CrashModes() {
			wantDeletionDone(t, fmt.Sprint("op ", op, " ", mode), disk.AfterCrash(mode, uint64(op)), created, deleted)
		}
	}
}

// wantDeletionDone opens what a power cut has left: the database that was created and deleted is there whole or not at all.
func wantDeletionDone(t *testing.T, where string, left vfs.FS, created, deleted bool) {
	t.Helper()
	s, err := server.Open(options(left))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	defer mustClose(t, s)
	_, err = s.Database(t.Context(), "a")
	_, missing := errors.AsType[*cluster.DatabaseMissingError](err)
	switch {
	case deleted && !missing:
		t.Errorf("%s: a deleted database is back: %v", where, err)
	case err != nil && !missing:
		t.Errorf("%s: created %v: %v", where, created, err)
	case missing:
		waitGone(t, s)
		if exists(t, left, "data/Databases/a") {
			t.Errorf("%s: files of a deleted database are left", where)
		}
	}
}

// waitGone waits until no database is on its way out.
func waitGone(t *testing.T, s *server.Server) {
	t.Helper()
	for {
		state, changed := s.Cluster().Changed()
		left := 0
		for range state.AllDatabases() {
			left++
		}
		if left == 0 {
			return
		}
		<-changed
	}
}

func TestServer_FaultyDatabaseLeavesOthersAlone(t *testing.T) {
	fs := memfs.New(memfs.WithoutCrashes())
	s := open(t, options(fs))
	create(t, s, "good")
	create(t, s, "bad")
	mustClose(t, s)
	for _, name := range fs.Files() {
		if strings.Contains(name, "Databases/bad/") {
			fs.Corrupt(name, func(b []byte) []byte {
				for i := range b {
					b[i] ^= 0x5a
				}
				return b
			})
		}
	}
	s = open(t, options(fs))
	mustFind(t, s, "good")
	_, err := s.Database(t.Context(), "bad")
	e, ok := errors.AsType[*server.DatabaseLoadError](err)
	if !ok || e.Name != "bad" || e.Cause == nil {
		t.Errorf("err = %v, want *DatabaseLoadError", err)
	}
	if got, want := status(s), "bad! good+"; got != want {
		t.Errorf("status = %q, want %q", got, want)
	}
	// It can be deleted, and made anew.
	if _, _, err := s.DeleteDatabases(t.Context(), "", cluster.DeleteDatabases{Names: []string{"bad"}, HardDelete: true}, 0); err != nil {
		t.Fatal(err)
	}
	create(t, s, "bad")
}

func TestServer_SecondServerOnTheSameDirectoryIsRefused(t *testing.T) {
	fs := memfs.New()
	s := open(t, options(fs))
	_, err := server.Open(options(fs))
	wantError[*server.DataDirInUseError](t, err, fault.Unavailable)
	if err == nil || !strings.Contains(err.Error(), `data directory "data" is used by another server`) {
		t.Errorf("err = %v", err)
	}
	mustClose(t, s)
	open(t, options(fs)) // the first has left
}

func TestServer_RunInMemoryTouchesNoDisk(t *testing.T) {
	fs := memfs.New()
	s := open(t, options(fs, "--RunInMemory=true"))
	create(t, s, "a")
	if files := fs.Files(); len(files) > 0 {
		t.Errorf("files %v", files)
	}
}

func TestServer_OpensTheDataDirOnARealDisk(t *testing.T) {
	dir := t.TempDir()
	s := open(t, options(vfs.OS(), "--DataDir="+dir))
	id := create(t, s, "Größe").ID()
	mustClose(t, s)
	s = open(t, options(vfs.OS(), "--DataDir="+dir))
	if got := mustFind(t, s, "größe").ID(); got != id {
		t.Errorf("id = %s, want %s", got, id)
	}
	if !exists(t, vfs.OS(), dir+"/Databases/gr%c3%b6%c3%9fe/data") || !exists(t, vfs.OS(), dir+"/System/data") {
		t.Error("files are not where the layout says")
	}
}

func TestServer_ContextBoundsTheWait(t *testing.T) {
	s := open(t, options(memfs.New()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.CreateDatabase(ctx, "", cluster.CreateDatabase{Name: "a"})
	if err != nil && fault.Of(err) != fault.Timeout {
		t.Errorf("err = %v, want a timeout or success", err)
	}
}

func TestServer_ManyAtOnce(t *testing.T) {
	s := open(t, options(memfs.New(memfs.WithoutCrashes())))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name := fmt.Sprint("db", i)
			for range 5 {
				if _, err := s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: name}); err != nil {
					t.Error(err)
					return
				}
				if _, err := s.Database(t.Context(), name); err != nil {
					t.Error(err)
				}
				if _, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{name}, Disabled: true}); err != nil {
					t.Error(err)
				}
				_, pending, err := s.DeleteDatabases(t.Context(), "", cluster.DeleteDatabases{Names: []string{name}, HardDelete: true}, 0)
				if err != nil || len(pending) > 0 {
					t.Errorf("pending %v, %v", pending, err)
				}
			}
		})
	}
	wg.Wait()
	if got := status(s); got != "" {
		t.Errorf("status = %q, want nothing", got)
	}
}

func TestServer_FindingADatabaseAllocatesNothing(t *testing.T) {
	s := open(t, options(memfs.New()))
	create(t, s, "Shop")
	ctx := t.Context()
	for _, name := range []string{"Shop", "shop"} {
		if n := testing.AllocsPerRun(100, func() { _, _ = s.Database(ctx, name) }); n != 0 {
			t.Errorf("finding %q allocates %v times", name, n)
		}
	}
}

func TestDirName(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := server.DirName(name); got != want {
			t.Errorf("DirName(%q) = %q, want %q", name, got, want)
		}
	}
	f("Shop", "shop")
	f("a-b_c.9", "a-b_c.9")
	f(".", "%2e")
	f("..", "%2e.") // no way up
	f("../etc/passwd", "%2e.%2fetc%2fpasswd")
	f(`a\b:c`, "a%5cb%3ac")
	f("a%2fb", "a%252fb") // what looks escaped is escaped again
	f("a~b", "a%7eb")     // only long names have a "~"
	f("a b", "a%20b")
	f("ä", "%c3%a4")
	f("a\x00b", "a%00b")
	long1, long2 := server.DirName(strings.Repeat("ä", 127)+"a"), server.DirName(strings.Repeat("ä", 127)+"b")
	if long1 == long2 || len(long1) > 255 || len(long2) > 255 {
		t.Errorf("long names: %q, %q", long1, long2)
	}
	if strings.ContainsAny(long1, "/\\.") {
		t.Errorf("long name %q leads elsewhere", long1)
	}
}

func FuzzDirName(f *testing.F) {
	for _, seed := range []string{"Shop", "..", "a/b", "ä", strings.Repeat("x", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		dir := server.DirName(name)
		if len(dir) > 255 || strings.ContainsAny(dir, "/\\:\x00") || strings.HasPrefix(dir, ".") || dir != strings.ToLower(dir) {
			t.Fatalf("DirName(%q) = %q", name, dir)
		}
	})
}

func BenchmarkDatabase(b *testing.B) {
	s := open(b, options(memfs.New(memfs.WithoutCrashes())))
	create(b, s, "Shop")
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Database(ctx, "Shop"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, databases := range []int{0, 100} {
		b.Run(fmt.Sprint("databases=", databases), func(b *testing.B) {
			dir := b.TempDir()
			s, err := server.Open(options(vfs.OS(), "--DataDir="+dir))
			if err != nil {
				b.Fatal(err)
			}
			for i := range databases {
				create(b, s, fmt.Sprint("db", i))
			}
			mustClose(b, s)
			for b.Loop() {
				s, err := server.Open(options(vfs.OS(), "--DataDir="+dir))
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				mustClose(b, s)
				b.StartTimer()
			}
		})
	}
}

func BenchmarkOpen_Empty(b *testing.B) {
	for b.Loop() {
		s, err := server.Open(options(vfs.OS(), "--DataDir="+b.TempDir()))
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		mustClose(b, s)
		b.StartTimer()
	}
}

// TestDatabase_NamesTheWayOutOfADamagedJournal: the error tells of the setting that opens the database all the same.
func TestDatabase_NamesTheWayOutOfADamagedJournal(t *testing.T) {
	const setting = "Storage.Dangerous.IgnoreInvalidJournalErrors"
	fs := memfs.New()
	s := open(t, options(fs))
	create(t, s, "bad")
	mustClose(t, s)
	for _, name := range fs.Files() {
		if strings.Contains(name, "Databases/bad/journals/0") {
			if err := fs.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	s = open(t, options(fs))
	_, err := s.Database(t.Context(), "bad")
	if _, ok := errors.AsType[*server.DatabaseLoadError](err); !ok || !strings.Contains(err.Error(), setting) {
		t.Errorf("%v: want a *DatabaseLoadError that names %s", err, setting)
	}
	mustClose(t, s)
	mustFind(t, open(t, options(fs, "--"+setting+"=true")), "bad")
}
