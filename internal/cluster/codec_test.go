package cluster_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/fault"
)

// allCommands has every command with no member zero.
var allCommands = []cluster.Command{
	cluster.CreateDatabase{Name: "a", Record: json.RawMessage(`{"x":"<"}`), ReplicationFactor: 1, Encrypted: true, DatabaseID: id1, TopologyID: id2, ClusterTransactionID: id3},
	cluster.UpdateDatabase{Name: "a", Record: json.RawMessage(`{"Disabled":true}`), Expected: 7},
	cluster.DeleteDatabases{Names: []string{"a"}, HardDelete: true, FromNodes: []string{"A"}},
	cluster.ConfirmDeletion{Name: "a", DatabaseID: id1, Tag: "A"},
	cluster.SetDisabled{Names: []string{"a"}, Disabled: true},
	cluster.SetLockMode{Names: []string{"a"}, Mode: cluster.PreventDeletesError},
	cluster.PutSettings{Name: "a", Settings: json.RawMessage(`{"k":"v"}`)},
	cluster.PutClientConfiguration{Name: "a", Configuration: json.RawMessage(`{"Disabled":true}`)},
	cluster.PutRecordFields{Name: "a", Fields: json.RawMessage(`{"Studio":{}}`)},
	cluster.SetNodeURL{Tag: "A", URL: "http://x"},
	cluster.PutCompareExchange{Name: "a", Key: "k", Index: 7, Value: json.RawMessage(`{"Object":1.50}`), Expires: noon},
	cluster.DeleteCompareExchange{Name: "a", Key: "k", Index: 7},
	cluster.ExpireCompareExchange{Name: "a"},
	cluster.NextIdentities{Name: "a", Takes: []cluster.IdentityTake{{Identity: "users|", Count: 2}}},
	cluster.SeedIdentity{Name: "a", Identity: "users|", Value: 9, Force: true},
}

func TestProposal_RoundTrip(t *testing.T) {
	for _, cmd := range allCommands {
		want := cluster.Proposal{Command: cmd, RequestID: "r", At: noon, Ticket: 1<<64 - 1}
		text, err := cluster.AppendProposal(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := cluster.DecodeProposal(text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", text, d)
		}
	}
}

// The bytes in the log are a format: this is how they look.
func TestProposal_Format(t *testing.T) {
	text, err := cluster.AppendProposal(nil, cluster.Proposal{Command: allCommands[4], RequestID: "r", At: noon, Ticket: 5})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Type":"SetDisabled","Version":1,"RequestID":"r","At":"2030-01-02T12:00:00Z","Ticket":5,"Command":{"Names":["a"],"Disabled":true}}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestDecode_Refuses(t *testing.T) {
	proposal := func(text string, kind fault.Kind) {
		t.Helper()
		if _, err := cluster.DecodeProposal([]byte(text)); err == nil || fault.Of(err) != kind {
			t.Errorf("DecodeProposal(%s) = %v, want kind %v", text, err, kind)
		}
	}
	proposal(``, fault.Corrupt)
	proposal(`{"Type":"Unheard","Version":1,"Command":{}}`, fault.Corrupt)
	proposal(`{"Type":"SetDisabled","Version":1,"Command":{"Names":7}}`, fault.Corrupt)
	proposal(`{"Type":"SetDisabled","Version":1}`, fault.Corrupt)
	proposal(`{"Type":"SetDisabled","Version":2,"Command":{}}`, fault.Unavailable)

	state := func(text string, kind fault.Kind) {
		t.Helper()
		if _, err := cluster.DecodeState([]byte(text)); err == nil || fault.Of(err) != kind {
			t.Errorf("DecodeState(%s) = %v, want kind %v", text, err, kind)
		}
	}
	const head = `{"Version":1,"Index":1,"ClusterID":"c","Nodes":[{"Tag":"A"}],"Databases":[`
	const db = `{"Name":"a","ID":"` + id1 + `","LockMode":"Unlock","Deletion":"No","Rest":{}}`
	if _, err := cluster.DecodeState([]byte(head + db + `]}`)); err != nil {
		t.Fatal(err)
	}
	state(``, fault.Corrupt)
	state(`{"Version":2}`, fault.Unavailable)
	state(`{"Version":1}`, fault.Corrupt)
	state(`{"Version":1,"ClusterID":"c","Nodes":[{"Tag":"a"}]}`, fault.Corrupt)
	state(`{"Version":1,"ClusterID":"c","Nodes":[{"Tag":"B"},{"Tag":"A"}]}`, fault.Corrupt)
	state(head+db+`,`+db+`]}`, fault.Corrupt)
	state(head+`{"Name":"../a"}]}`, fault.Corrupt)
	state(head+`{"Name":"a","ID":"x","LockMode":"Unlock","Deletion":"No","Rest":{}}]}`, fault.Corrupt)
	state(head+`{"Name":"a","ID":"`+id1+`","LockMode":"Unlock","Deletion":"Perhaps","Rest":{}}]}`, fault.Corrupt)
	state(head+`{"Name":"a","ID":"`+id1+`","LockMode":"Unlock","Deletion":"No"}]}`, fault.Corrupt)
}

func drawCommand(t *rapid.T) cluster.Command {
	name := rapid.SampledFrom([]string{"a", "A", "b", "c", "no/pe"}).Draw(t, "name")
	names := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "B", "c"}), 0, 3).Draw(t, "names")
	record := json.RawMessage(rapid.SampledFrom([]string{
		``, `{}`, `{"Disabled":true,"Settings":{"x":"<>"}}`, `{"LockMode":"PreventDeletesIgnore","Z":1,"Y":[2]}`, `{"Client":{"a":1}}`, `[]`, `{"LockMode":"PreventDeletesError"}`,
	}).Draw(t, "record"))
	switch rapid.IntRange(0, 9).Draw(t, "command") {
	case 0, 1:
		return cluster.CreateDatabase{Name: name, Record: record, DatabaseID: id1, TopologyID: id2, ClusterTransactionID: id3}
	case 2:
		return cluster.UpdateDatabase{Name: name, Record: record, Expected: rapid.Uint64Range(0, 5).Draw(t, "expected")}
	case 3:
		return cluster.DeleteDatabases{Names: names, HardDelete: rapid.Bool().Draw(t, "hard")}
	case 4:
		return cluster.ConfirmDeletion{Name: name, DatabaseID: id1, Tag: "A"}
	case 5:
		return cluster.SetDisabled{Names: names, Disabled: rapid.Bool().Draw(t, "disabled")}
	case 6:
		return cluster.SetLockMode{Names: names, Mode: cluster.Unlock}
	case 7:
		return cluster.PutSettings{Name: name, Settings: json.RawMessage(`{"k":"v"}`)}
	case 8:
		return cluster.PutClientConfiguration{Name: rapid.SampledFrom([]string{"", "a"}).Draw(t, "of"), Configuration: json.RawMessage(`{"x":1}`)}
	default:
		return cluster.SetNodeURL{Tag: "A", URL: name}
	}
}

// The same commands give the same State and results, whether the State was kept, or written and read in between, and
// whether the commands were handed over or went through the log's bytes.
func TestApply_IsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start, err := cluster.DecodeState([]byte(`{"Version":1,"Index":1,"ClusterID":"c","Nodes":[{"Tag":"A"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		kept, reread := start, start
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			p := cluster.Proposal{
				Command: drawCommand(t), At: noon, RequestID: rapid.SampledFrom([]string{"", "", "r1", "r2"}).Draw(t, "request"),
			}
			text, err := cluster.AppendProposal(nil, p)
			if err != nil {
				t.Fatal(err)
			}
			throughLog, err := cluster.DecodeProposal(text)
			if err != nil {
				t.Fatal(err)
			}
			index := kept.Index + 1
			before := cluster.AppendState(nil, kept)
			next, r1 := cluster.Apply(kept, cluster.Entry{Index: index, Term: 3, Proposal: p})
			if !bytes.Equal(cluster.AppendState(nil, kept), before) {
				t.Fatal("Apply changed the State it was given")
			}
			kept = next
			var r2 cluster.Result
			reread, r2 = cluster.Apply(reread, cluster.Entry{Index: index, Term: 3, Proposal: throughLog})
			if fmt.Sprint(r1) != fmt.Sprint(r2) {
				t.Fatalf("results differ: %v, %v", r1, r2)
			}
			if kept.Index != index {
				t.Fatalf("index = %d after entry %d", kept.Index, index)
			}
			stored := cluster.AppendState(nil, reread)
			if !bytes.Equal(cluster.AppendState(nil, kept), stored) {
				t.Fatalf("states differ:\n%s\n%s", cluster.AppendState(nil, kept), stored)
			}
			if reread, err = cluster.DecodeState(stored); err != nil {
				t.Fatal(err)
			}
			if again := cluster.AppendState(nil, reread); !bytes.Equal(again, stored) {
				t.Fatalf("a State does not survive writing and reading:\n%s\n%s", stored, again)
			}
			sameRecords(t, kept, reread)
		}
	})
}

func sameRecords(t *rapid.T, a, b *cluster.State) {
	t.Helper()
	for d := range a.Databases() {
		other, ok := b.Database(d.Name)
		if !ok {
			t.Fatalf("database %q is gone", d.Name)
		}
		if x, y := d.AppendRecord(nil), other.AppendRecord(nil); !bytes.Equal(x, y) || !json.Valid(x) {
			t.Fatalf("records differ:\n%s\n%s", x, y)
		}
	}
}

func FuzzDecodeProposal(f *testing.F) {
	for _, cmd := range allCommands {
		text, err := cluster.AppendProposal(nil, cluster.Proposal{Command: cmd, At: noon})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	start := begin(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := cluster.DecodeProposal(data)
		if err != nil {
			if k := fault.Of(err); k != fault.Corrupt && k != fault.Unavailable {
				t.Fatalf("kind of %v is %v", err, k)
			}
			return
		}
		next, _ := cluster.Apply(start, cluster.Entry{Index: 2, Term: 1, Proposal: p}) // never panics
		if _, err := cluster.DecodeState(cluster.AppendState(nil, next)); err != nil {
			t.Fatalf("the State after %s cannot be read: %v", data, err)
		}
	})
}

func FuzzDecodeState(f *testing.F) {
	s := story{t: f, state: begin(f)}
	s.create("a", `{"Settings":{"x":"y"},"Other":[1]}`)
	s.applyAs("r", cluster.DeleteDatabases{Names: []string{"a"}})
	f.Add(cluster.AppendState(nil, s.state))
	f.Add(cluster.AppendState(nil, begin(f)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := cluster.DecodeState(data)
		if err != nil {
			var newer *cluster.NewerVersionError
			if fault.Of(err) != fault.Corrupt && !errors.As(err, &newer) {
				t.Fatalf("kind of %v is %v", err, fault.Of(err))
			}
			return
		}
		text := cluster.AppendState(nil, s)
		again, err := cluster.DecodeState(text)
		if err != nil || !bytes.Equal(cluster.AppendState(nil, again), text) {
			t.Fatalf("%s does not survive: %v", text, err)
		}
	})
}
