package cluster_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// valueModel is what rows ought to be, as maps.
type valueModel struct {
	values     map[string]modelValue // by lower-case key
	identities map[string]modelIdentity
	answers    map[string]string // of requests with an id
}

type modelValue struct {
	key     string
	index   uint64
	object  string
	expires time.Time
}

type modelIdentity struct {
	name string
	last int64
}

func newValueModel() *valueModel {
	return &valueModel{values: map[string]modelValue{}, identities: map[string]modelIdentity{}, answers: map[string]string{}}
}

// contents is what the test's function of this name gives for a database that is as the model says.
func (m *valueModel) contents() string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m.values)) {
		v := m.values[key]
		fmt.Fprintf(&b, "%s %d %s\n", v.key, v.index, v.object)
	}
	for _, name := range slices.Sorted(maps.Keys(m.identities)) {
		fmt.Fprintf(&b, "%s %d\n", m.identities[name].name, m.identities[name].last)
	}
	return b.String()
}

// do returns what a command at index, which was not there before, is answered.
func (m *valueModel) do(cmd cluster.Command, index uint64, at time.Time) string {
	switch c := cmd.(type) {
	case cluster.PutCompareExchange:
		key := strings.ToLower(c.Key)
		now := m.values[key]
		if c.Index != now.index {
			return fmt.Sprint(false, cmp.Or(now.index, index))
		}
		m.values[key] = modelValue{key: cmp.Or(now.key, c.Key), index: index, object: string(c.Value), expires: c.Expires}
		return fmt.Sprint(true, index)
	case cluster.DeleteCompareExchange:
		key := strings.ToLower(c.Key)
		now, exists := m.values[key]
		if !exists || c.Index != now.index {
			return fmt.Sprint(false, cmp.Or(now.index, index))
		}
		delete(m.values, key)
		return fmt.Sprint(true, index)
	case cluster.ExpireCompareExchange:
		n := len(m.values)
		maps.DeleteFunc(m.values, func(_ string, v modelValue) bool { return !v.expires.IsZero() && !v.expires.After(at) })
		return fmt.Sprint([]int64{int64(n - len(m.values))})
	case cluster.NextIdentities:
		var out []int64
		for _, take := range c.Takes {
			now := m.identity(take.Identity)
			now.last += take.Count
			m.identities[strings.ToLower(take.Identity)] = now
			out = append(out, now.last)
		}
		return fmt.Sprint(out)
	case cluster.SeedIdentity:
		now := m.identity(c.Identity)
		if now.last = max(now.last, c.Value); c.Force {
			now.last = c.Value
		}
		m.identities[strings.ToLower(c.Identity)] = now
		return fmt.Sprint([]int64{now.last})
	}
	panic("BUG: a command that the model does not know")
}

func (m *valueModel) identity(name string) modelIdentity {
	if now, ok := m.identities[strings.ToLower(name)]; ok {
		return now
	}
	return modelIdentity{name: name}
}

func drawValueCommand(t *rapid.T, m *valueModel) cluster.Command {
	key := rapid.SampledFrom([]string{"a", "A", "b/1", "b/2", "ß", "c|"}).Draw(t, "key")
	index := uint64(0)
	if rapid.Bool().Draw(t, "right index") {
		index = m.values[strings.ToLower(key)].index
	}
	identity := rapid.SampledFrom([]string{"users|", "Users|", "b|"}).Draw(t, "identity")
	switch rapid.IntRange(0, 9).Draw(t, "command") {
	case 0, 1, 2, 3:
		cmd := cluster.PutCompareExchange{Name: "db", Key: key, Index: index, Value: json.RawMessage(fmt.Sprintf(`{"Object":%d}`, rapid.Int().Draw(t, "value")))}
		if rapid.Bool().Draw(t, "expires") {
			cmd.Expires = noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "in")) * time.Hour)
		}
		return cmd
	case 4, 5:
		return cluster.DeleteCompareExchange{Name: "db", Key: key, Index: index}
	case 6:
		return cluster.ExpireCompareExchange{Name: "db"}
	case 7:
		return cluster.SeedIdentity{Name: "db", Identity: identity, Value: rapid.Int64Range(0, 50).Draw(t, "seed"), Force: rapid.Bool().Draw(t, "force")}
	default:
		return cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{identity, 2}, {"users|", 1}}}
	}
}

func answerText(r cluster.Result) string {
	if r.Exchange != nil {
		return fmt.Sprint(r.Exchange.Successful, r.Exchange.Index)
	}
	return fmt.Sprint(r.Numbers)
}

// Random commands, some of them repeated, with restarts, snapshots after every few entries and databases made anew, leave what maps
// would hold.
func TestValues_MatchMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fs := memfs.New(memfs.WithoutCrashes())
		var hours atomic.Int64 // read by goroutines of the environment too
		clock := func() time.Time { return noon.Add(time.Duration(hours.Load()) * time.Hour) }
		reopen := func() *cluster.Cluster {
			o := options(fs)
			o.SnapshotEvery, o.Now = 4, clock
			c, err := cluster.Open(o)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c, m := reopen(), newValueModel()
		defer func() { _ = c.Close() }()
		ask := func(id string, cmd cluster.Command) cluster.Result {
			r, err := c.Propose(t.Context(), cluster.Proposal{Command: cmd, RequestID: id})
			if err != nil {
				t.Fatalf("%+v: %v", cmd, err)
			}
			return r
		}
		ask("", cluster.CreateDatabase{Name: "db"})
		t.Repeat(map[string]func(*rapid.T){
			"command": func(t *rapid.T) {
				id := rapid.SampledFrom([]string{"", "r1", "r2", "r3"}).Draw(t, "request")
				cmd := drawValueCommand(t, m)
				if rapid.Bool().Draw(t, "later") {
					hours.Add(1)
				}
				r := ask(id, cmd)
				if _, repeated := m.answers[id]; repeated && id != "" {
					return // another command may stand under the id; what matters is that nothing is changed
				}
				if got, want := answerText(r), m.do(cmd, r.Index, clock()); got != want {
					t.Fatalf("%+v: got %s, want %s", cmd, got, want)
				}
				m.answers[id] = answerText(r)
			},
			"reopen": func(t *rapid.T) {
				if err := c.Close(); err != nil {
					t.Fatal(err)
				}
				c = reopen()
			},
			"anew": func(t *rapid.T) {
				d, _ := c.State().Database("db")
				ask("", cluster.DeleteDatabases{Names: []string{"db"}})
				ask("", cluster.ConfirmDeletion{Name: "db", DatabaseID: d.ID, Tag: "A"})
				ask("", cluster.CreateDatabase{Name: "db"})
				answers := m.answers
				m = newValueModel()
				m.answers = answers
			},
			"": func(t *rapid.T) {
				if got, want := contents(t, c, "db"), m.contents(); got != want {
					t.Fatalf("got\n%swant\n%s", got, want)
				}
				for err := range c.CheckValues() {
					t.Fatal(err)
				}
			},
		})
	})
}

// After a power cut at any operation every acknowledged change of a value is there, once, and a client that repeats its last request gets what it would
// have got.
func TestValues_SurvivePowerCuts(t *testing.T) {
	command := func(i int) cluster.Command {
		switch i % 3 {
		case 0:
			return newPut(t, fmt.Sprint("key", i), 0, fmt.Sprint(i), "")
		case 1:
			return cluster.NextIdentities{Name: "db", Takes: []cluster.IdentityTake{{"users|", 1}}}
		default:
			return cluster.SetNodeURL{Tag: "A", URL: fmt.Sprint("http://", i)}
		}
	}
	const commands = 9
	propose := func(c *cluster.Cluster, i int) error {
		_, err := c.Propose(t.Context(), cluster.Proposal{Command: command(i), RequestID: fmt.Sprint("request", i)})
		return err
	}
	// work returns how many commands were acknowledged; -1 when not even the database was made.
	work := func(fs vfs.FS) int {
		o := options(fs)
		o.SnapshotEvery = 4
		c, err := cluster.Open(o)
		if err != nil {
			return -1
		}
		defer func() { _ = c.Close() }()
		if _, err := c.Propose(t.Context(), cluster.Proposal{Command: cluster.CreateDatabase{Name: "db"}}); err != nil {
			return -1
		}
		for i := range commands {
			if err := propose(c, i); err != nil {
				return i
			}
		}
		return commands
	}
	const all = "key0 3 {\"Object\":0}\nkey3 6 {\"Object\":3}\nkey6 9 {\"Object\":6}\nusers| 3\n"
	counting := memfs.New()
	if n := work(counting); n != commands {
		t.Fatalf("the run without a cut stopped after %d commands", n)
	}
	step := 1
	if testing.Short() {
		step = 3
	}
	cuts := 0
	for op := 0; op < counting.OpCount(); op += step {
		disk := memfs.New(memfs.DieAtOp(op))
		acked := work(disk)
		if acked < 0 {
			continue
		}
		for _, mode := range memfs.CrashModes() {
			cuts++
			c := open(t, options(disk.AfterCrash(mode, uint64(op))))
			for i := max(acked-1, 0); i < commands; i++ { // the last one acknowledged, the one that was cut off, and the rest
				if err := propose(c, i); err != nil {
					t.Fatalf("op %d, %v, command %d: %v", op, mode, i, err)
				}
			}
			if got := withoutIndexes(contents(t, c, "db")); got != withoutIndexes(all) {
				t.Errorf("op %d, %v, %d acknowledged: got %s", op, mode, acked, got)
			}
			checkValues(t, c)
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	t.Logf("%d crash images", cuts)
}

// withoutIndexes takes out the indexes, which a new leader's first entries move.
func withoutIndexes(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if parts := strings.Fields(line); len(parts) == 3 {
			line = parts[0] + " " + parts[2] + "\n"
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}
