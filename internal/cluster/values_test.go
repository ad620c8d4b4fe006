package cluster_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// openWithDatabase opens a cluster whose rows are checked when the test ends, with a database called db.
func openWithDatabase(t testing.TB, o cluster.Options) *cluster.Cluster {
	t.Helper()
	c := open(t, o)
	t.Cleanup(func() { checkValues(t, c) })
	propose(t, c, cluster.CreateDatabase{Name: "db"})
	return c
}

func checkValues(t testing.TB, c *cluster.Cluster) {
	t.Helper()
	for err := range c.CheckValues() {
		if _, closed := errors.AsType[*storage.ClosedError](err); closed {
			return // the test has opened the directory anew
		}
		t.Errorf("check of values: %v", err)
	}
}

func put(t testing.TB, c *cluster.Cluster, key string, index uint64, object, metadata string) *cluster.ExchangeOutcome {
	t.Helper()
	return propose(t, c, newPut(t, key, index, object, metadata)).Exchange
}

func newPut(t testing.TB, key string, index uint64, object, metadata string) cluster.PutCompareExchange {
	t.Helper()
	cmd, err := cluster.NewPutCompareExchange("db", key, index, json.RawMessage(object), json.RawMessage(metadata))
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Fatal(...any)
}

// contents is all that a database has, one line a value.
func contents(t failer, c *cluster.Cluster, name string) string {
	t.Helper()
	var b strings.Builder
	err := c.ViewValues(name, func(v *cluster.ValueView) error {
		for x, err := range v.List("") {
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s %d %s\n", x.Key, x.Index, x.Value)
		}
		for i, err := range v.Identities() {
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s %d\n", i.Name, i.Last)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCompareExchange_PutAndDeleteNeedTheIndex(t *testing.T) {
	c := openWithDatabase(t, options(memfs.New()))
	first := put(t, c, "Emails/A", 0, `{"n":1.50}`, "")
	if !first.Successful || first.Index == 0 || string(first.Value) != `{"Object":{"n":1.50}}` {
		t.Fatalf("first put: %+v", first)
	}
	f := func(got *cluster.ExchangeOutcome, successful bool, index uint64, value string) {
		t.Helper()
		if got.Successful != successful || got.Index != index || string(got.Value) != value {
			t.Errorf("got %v %d %s, want %v %d %s", got.Successful, got.Index, got.Value, successful, index, value)
		}
	}
	f(put(t, c, "emails/a", 0, `2`, ""), false, first.Index, `{"Object":{"n":1.50}}`)
	f(put(t, c, "emails/a", first.Index+1, `2`, ""), false, first.Index, `{"Object":{"n":1.50}}`)
	second := put(t, c, "emails/a", first.Index, `2`, "")
	f(second, true, c.State().Index, `{"Object":2}`)
	f(put(t, c, "other", 9, `2`, ""), false, c.State().Index, "")

	remove := func(index uint64) *cluster.ExchangeOutcome {
		t.Helper()
		return propose(t, c, cluster.DeleteCompareExchange{Name: "DB", Key: "EMAILS/A", Index: index}).Exchange
	}
	f(remove(first.Index), false, second.Index, `{"Object":2}`)
	if got := contents(t, c, "db"); got != fmt.Sprintf("Emails/A %d {\"Object\":2}\n", second.Index) {
		t.Errorf("contents: %s", got)
	}
	f(remove(second.Index), true, c.State().Index, `{"Object":2}`)
	f(remove(second.Index), false, c.State().Index, "")
	f(remove(0), false, c.State().Index, "")
	if got := contents(t, c, "db"); got != "" {
		t.Errorf("left: %s", got)
	}
}

func TestCompareExchange_ListsInTheOrderOfKeys(t *testing.T) {
	c := openWithDatabase(t, options(memfs.New()))
	propose(t, c, cluster.CreateDatabase{Name: "db2"})
	for _, key := range []string{"b/2", "B/1", "a", "b/10", "c"} {
		put(t, c, key, 0, `0`, "")
	}
	var keys []string
	err := c.ViewValues("db", func(v *cluster.ValueView) error {
		for x, err := range v.List("B/") {
			if err != nil {
				return err
			}
			keys = append(keys, x.Key)
		}
		counts, err := v.Counts()
		if counts != (cluster.ValueCounts{CompareExchange: 5}) {
			t.Errorf("counts = %+v", counts)
		}
		return err
	})
	if d := cmp.Diff([]string{"B/1", "b/10", "b/2"}, keys); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	if got := contents(t, c, "db2"); got != "" {
		t.Errorf("another database has %s", got)
	}
}

func TestCompareExchange_Refuses(t *testing.T) {
	c := openWithDatabase(t, options(memfs.New()))
	f := func(kind fault.Kind, cmd cluster.Command) {
		t.Helper()
		before := c.State().Index
		_, err := c.Propose(t.Context(), cluster.Proposal{Command: cmd, RequestID: "same"})
		if err == nil || fault.Of(err) != kind {
			t.Errorf("%T: %v, want kind %v", cmd, err, kind)
		}
		if _, missing := errors.AsType[*cluster.DatabaseMissingError](err); !missing && c.State().Index != before {
			t.Errorf("%T went into the log", cmd)
		}
	}
	long := strings.Repeat("k", cluster.CompareExchangeKeyBytesMax)
	put(t, c, long, 0, `1`, "")
	f(fault.Invalid, newPut(t, long+"k", 0, `1`, ""))
	f(fault.Invalid, newPut(t, "", 0, `1`, ""))
	f(fault.Invalid, newPut(t, "\xff", 0, `1`, ""))
	f(fault.TooLarge, newPut(t, "k", 0, `"`+strings.Repeat("x", cluster.CompareExchangeBytesMax)+`"`, ""))
	f(fault.Invalid, cluster.DeleteCompareExchange{Name: "db"})
	f(fault.NotFound, cluster.DeleteCompareExchange{Name: "nope", Key: "k"})
	f(fault.NotFound, cluster.NextIdentities{Name: "nope", Takes: []cluster.IdentityTake{{"users|", 1}}})
	f(fault.Invalid, cluster.NextIdentities{Name: "db"})
	f(fault.Invalid, cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"users|", 0}}})
	f(fault.Invalid, cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"|", 1}}})
	f(fault.Invalid, cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"users", 1}}})
	f(fault.Invalid, cluster.SeedIdentity{Name: "db", Identity: "users|", Value: -1})
	f(fault.Invalid, cluster.SeedIdentity{Name: "db", Identity: strings.Repeat("u", 512) + "|", Value: 1})

	if _, err := cluster.NewPutCompareExchange("db", "k", 0, json.RawMessage(`1`), json.RawMessage(`{"@expires":"soon"}`)); fault.Of(err) != fault.Invalid {
		t.Errorf("a bad time: %v", err)
	}
	if err := c.ViewValues("nope", func(*cluster.ValueView) error { return nil }); fault.Of(err) != fault.NotFound {
		t.Errorf("view of a missing database: %v", err)
	}
}

// What is refused in the log, too, stands between others in one transaction and changes nothing.
func TestIdentities_RunOut(t *testing.T) {
	c := openWithDatabase(t, options(memfs.New()))
	propose(t, c, cluster.SeedIdentity{Name: "db", Identity: "users|", Value: math.MaxInt64})
	_, err := c.Propose(t.Context(), cluster.Proposal{Command: cluster.NextIdentities{
		Name: "db", Takes: []cluster.IdentityTake{{"orders|", 1}, {"users|", 1}},
	}})
	if fault.Of(err) != fault.Invalid || !strings.Contains(err.Error(), "no numbers left") {
		t.Errorf("err = %v", err)
	}
	if got, want := contents(t, c, "db"), fmt.Sprintf("users| %d\n", int64(math.MaxInt64)); got != want {
		t.Errorf("contents %s, want %s", got, want)
	}
}

func TestIdentities_GiveEachNumberOnce(t *testing.T) {
	c := openWithDatabase(t, options(memfs.New()))
	f := func(cmd cluster.Command, want ...int64) {
		t.Helper()
		if d := cmp.Diff(want, propose(t, c, cmd).Numbers); d != "" {
			t.Errorf("%+v (-want +got): %s", cmd, d)
		}
	}
	f(cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"Users|", 1}}}, 1)
	f(cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"users|", 3}, {"orders|", 2}, {"USERS|", 1}}}, 4, 2, 5)
	f(cluster.SeedIdentity{Name: "db", Identity: "users|", Value: 1990}, 1990)
	f(cluster.SeedIdentity{Name: "db", Identity: "users|", Value: 7}, 1990)
	f(cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"users|", 1}}}, 1991)
	f(cluster.SeedIdentity{Name: "db", Identity: "users|", Value: 7, Force: true}, 7)
	f(cluster.SeedIdentity{Name: "db", Identity: "new|"}, 0)
	f(cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"new|", 1}}}, 1)
	if got, want := contents(t, c, "db"), "new| 1\norders| 2\nUsers| 7\n"; got != want {
		t.Errorf("contents %s, want %s", got, want)
	}
}

func TestValues_RepeatedRequestActsOnce(t *testing.T) {
	fs := memfs.New()
	o := options(fs)
	c := openWithDatabase(t, o)
	ask := func(id string, cmd cluster.Command) cluster.Result {
		t.Helper()
		r, err := c.Propose(t.Context(), cluster.Proposal{Command: cmd, RequestID: id})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	next := cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"users|", 1}}}
	store, clash := newPut(t, "k", 0, `1`, ""), newPut(t, "k", 0, `2`, "")
	r1, r2, r3 := ask("next", next), ask("put", store), ask("clash", clash)
	remove := cluster.DeleteCompareExchange{Name: "db", Key: "k", Index: r2.Index}
	r4 := ask("delete", remove)
	for _, restart := range []bool{false, true} {
		if restart {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			c = open(t, o)
		}
		f := func(id string, cmd cluster.Command, want cluster.Result) {
			t.Helper()
			if d := cmp.Diff(want, ask(id, cmd)); d != "" {
				t.Errorf("repeated %s, restart %v (-want +got):\n%s", id, restart, d)
			}
		}
		f("next", next, r1)
		f("put", store, r2)
		r3.Exchange.Value = nil // gone since
		f("clash", clash, r3)
		r4.Exchange.Value = nil // not kept
		f("delete", remove, r4)
		if got := contents(t, c, "db"); got != "users| 1\n" {
			t.Errorf("contents: %s", got)
		}
	}
}

// Expired values go with a command, the oldest first and a bounded number at once; other databases keep theirs.
func TestCompareExchange_Expires(t *testing.T) {
	c := openWithDatabase(t, options(memfs.New()))
	at := func(d time.Duration) string {
		return fmt.Sprintf(`{"@expires":%q}`, noon.Add(d).Format("2006-01-02T15:04:05.0000000Z"))
	}
	put(t, c, "due", 0, `1`, at(0))
	put(t, c, "Older", 0, `1`, at(-time.Hour))
	put(t, c, "ancient", 0, `1`, `{"@expires":"0001-01-01T00:00:00.0000000Z"}`)
	put(t, c, "later", 0, `1`, at(time.Hour))
	moved := put(t, c, "moved", 0, `1`, at(-time.Hour))
	put(t, c, "moved", moved.Index, `2`, at(time.Minute))
	kept := put(t, c, "kept", 0, `1`, at(-time.Hour))
	put(t, c, "kept", kept.Index, `2`, "")
	gone := put(t, c, "deleted", 0, `1`, at(-time.Hour))
	propose(t, c, cluster.DeleteCompareExchange{Name: "db", Key: "deleted", Index: gone.Index})
	expire := func(want int64) {
		t.Helper()
		if got := propose(t, c, cluster.ExpireCompareExchange{Name: "db"}).Numbers[0]; got != want {
			t.Errorf("%d values expired, want %d", got, want)
		}
	}
	expire(3)
	expire(0)
	got := contents(t, c, "db")
	for _, key := range []string{"kept ", "later ", "moved "} {
		if !strings.Contains(got, key) {
			t.Errorf("%sis gone: %s", key, got)
		}
	}
	if strings.Count(got, "\n") != 3 {
		t.Errorf("left: %s", got)
	}
	err := c.ViewValues("db", func(v *cluster.ValueView) error {
		due, ok, err := v.FirstExpiry()
		if !ok || !due.Equal(noon.Add(time.Minute)) {
			t.Errorf("next expiry %v %v", due, ok)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The rows of a database go with it, also when it is made anew at once, and when there are more than one step takes.
func TestValues_GoWithTheirDatabase(t *testing.T) {
	const rows = 2500
	fs := memfs.New()
	o := options(fs)
	c := openWithDatabase(t, o)
	propose(t, c, cluster.CreateDatabase{Name: "stays"})
	propose(t, c, cluster.NextIdentities{Name: "stays", Takes: []cluster.IdentityTake{{"users|", 1}}})
	old, _ := c.State().Database("db")
	var wait []chan error
	for i := range rows {
		answer := make(chan error, 1)
		wait = append(wait, answer)
		go func() {
			_, err := c.Propose(t.Context(), cluster.Proposal{Command: newPut(t, fmt.Sprint("key", i), 0, `1`, `{"@expires":"2031-01-01T00:00:00Z"}`)})
			answer <- err
		}()
	}
	for _, answer := range wait {
		if err := <-answer; err != nil {
			t.Fatal(err)
		}
	}
	propose(t, c, cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"users|", 7}}})
	propose(t, c, cluster.DeleteDatabases{Names: []string{"db"}})
	if err := c.ViewValues("db", func(*cluster.ValueView) error { return nil }); fault.Of(err) != fault.NotFound {
		t.Errorf("values of a database that is being deleted: %v", err)
	}
	propose(t, c, cluster.ConfirmDeletion{Name: "db", DatabaseID: old.ID, Tag: "A"})
	propose(t, c, cluster.CreateDatabase{Name: "db"})
	if got := contents(t, c, "db"); got != "" {
		t.Errorf("the new database has %s", got)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = open(t, o) // goes on with what is left
	for c.ValuesGone() {
		propose(t, c, cluster.SetDisabled{Names: []string{"db"}})
	}
	if got := c.ExchangeRows(); got != 0 {
		t.Errorf("%d rows are left", got)
	}
	if got := contents(t, c, "stays"); got != "users| 1\n" {
		t.Errorf("another database lost its values: %q", got)
	}
	checkValues(t, c)
}

// The log is read again after a restart; what it did to rows is not done again. Nor is it after a snapshot.
func TestValues_RestartActsOnNothingAgain(t *testing.T) {
	for _, every := range []int{1, 3, 1000} {
		o := options(memfs.New())
		o.SnapshotEvery = every
		c := openWithDatabase(t, o)
		first := put(t, c, "k", 0, `1`, "")
		for range 3 {
			propose(t, c, cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"users|", 1}}})
		}
		put(t, c, "k", first.Index, `2`, "")
		want := contents(t, c, "db")
		for range 2 {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			c = open(t, o)
			if got := contents(t, c, "db"); got != want {
				t.Errorf("snapshot every %d: got %s, want %s", every, got, want)
			}
			checkValues(t, c)
		}
	}
}

// While the disk is full, changes of values wait, and each is made once when there is room.
func TestValues_WaitForRoomOnTheDisk(t *testing.T) {
	fs := memfs.New(memfs.WithoutCrashes())
	o := options(fs)
	ticks, waits := make(chan time.Time), bell{Handler: slog.DiscardHandler, rung: make(chan struct{}, 1)}
	o.Ticks, o.Logger = ticks, slog.New(waits)
	c := openWithDatabase(t, o)
	fs.SetSizeBytesMax(1)
	random := rand.New(rand.NewPCG(3, 4))
	text := make([]byte, 100_000)
	waited := 0
	for i := range 300 {
		for k := range text {
			text[k] = 'a' + byte(random.IntN(26)) // so that compression cannot help
		}
		cmd := newPut(t, fmt.Sprint("key", i), 0, `"`+string(text)+`"`, "")
		answer := make(chan cluster.Result, 1)
		go func() {
			r, err := c.Propose(t.Context(), cluster.Proposal{Command: cmd})
			r.Err = err
			answer <- r
		}()
		for done := false; !done; {
			select {
			case r := <-answer:
				if done = true; r.Exchange == nil || !r.Exchange.Successful {
					t.Fatalf("put %d: %+v", i, r)
				}
			case <-waits.rung:
				waited++
				fs.SetSizeBytesMax(0)
				select {
				case ticks <- noon:
				case r := <-answer: // room came before the tick, or the log has failed
					answer <- r
				}
			}
		}
		if waited > 0 {
			return
		}
	}
	t.Fatal("the disk was never full")
}
