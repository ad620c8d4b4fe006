package cluster_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/fault"
)

// Ids of the tests' databases: 16 bytes in base64.
const (
	id1 = "AAAAAAAAAAAAAAAAAAAAAQ"
	id2 = "AAAAAAAAAAAAAAAAAAAAAg"
	id3 = "AAAAAAAAAAAAAAAAAAAAAw"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

// begin is the State of a new cluster of one.
func begin(t testing.TB) *cluster.State {
	t.Helper()
	s, err := cluster.DecodeState([]byte(`{"Version":1,"Index":1,"ClusterID":"c","Nodes":[{"Tag":"A","URL":"http://a"}],"TopologyEtag":1}`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// story applies commands one after another.
type story struct {
	t     testing.TB
	state *cluster.State
}

func (s *story) apply(cmd cluster.Command) cluster.Result { return s.applyAs("", cmd) }

func (s *story) applyAs(requestID string, cmd cluster.Command) cluster.Result {
	s.t.Helper()
	var r cluster.Result
	before := string(cluster.AppendState(nil, s.state))
	next, r := cluster.Apply(s.state, cluster.Entry{
		Index: s.state.Index + 1, Term: 2, Proposal: cluster.Proposal{Command: cmd, RequestID: requestID, At: noon},
	})
	if got := string(cluster.AppendState(nil, s.state)); got != before {
		s.t.Fatalf("%#v changed the State it was applied to:\n%s\n%s", cmd, before, got)
	}
	s.state = next
	return r
}

func (s *story) mustApply(cmd cluster.Command) cluster.Result {
	s.t.Helper()
	r := s.apply(cmd)
	if r.Err != nil {
		s.t.Fatalf("%#v: %v", cmd, r.Err)
	}
	return r
}

func (s *story) create(name string, record string) cluster.Result {
	s.t.Helper()
	return s.mustApply(cluster.CreateDatabase{
		Name: name, Record: json.RawMessage(record), DatabaseID: id1, TopologyID: id2, ClusterTransactionID: id3,
	})
}

func (s *story) database(name string) *cluster.Database {
	s.t.Helper()
	d, ok := s.state.Database(name)
	if !ok {
		s.t.Fatalf("there is no database %q", name)
	}
	return d
}

// names lists the databases, with * behind those being deleted.
func (s *story) names() string {
	var list []string
	for d := range s.state.AllDatabases() {
		name := d.Name
		if d.Deletion != cluster.NotDeleting {
			name += "*"
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func wantRefused[E error](t *testing.T, r cluster.Result, kind fault.Kind) {
	t.Helper()
	if _, ok := errors.AsType[E](r.Err); !ok || fault.Of(r.Err) != kind {
		t.Errorf("got %T %v of kind %v, want %T of kind %v", r.Err, r.Err, fault.Of(r.Err), *new(E), kind)
	}
}

func TestApply_CreateDatabase(t *testing.T) {
	s := story{t: t, state: begin(t)}
	r := s.create("Shop", `{"Settings":{"Indexing.Static.SearchEngineType":"Lucene","Gone":null,"N":7},"Revisions":{"Default":null},"DataDirectory":"x"}`)
	if want := (cluster.Result{Index: 2, Outcomes: []cluster.Outcome{{Name: "Shop", Done: true}}}); !cmp.Equal(r, want) {
		t.Errorf("result = %+v, want %+v", r, want)
	}
	d := s.database("sHOP") // names do not differ in case
	if d.Name != "Shop" || d.ID != id1 || d.Etag != 2 || d.Disabled || d.LockMode != cluster.Unlock {
		t.Errorf("database = %+v", d)
	}
	if want := map[string]string{"Indexing.Static.SearchEngineType": "Lucene", "N": "7"}; !cmp.Equal(d.Settings, want) {
		t.Errorf("settings = %v, want %v", d.Settings, want)
	}
	want := cluster.Topology{
		Members: []string{"A"}, ReplicationFactor: 1, TopologyID: id2, ClusterTransactionID: id3,
		Stamp: cluster.Stamp{Index: 2, Term: 2, At: noon}, NodesModifiedAt: noon,
	}
	if diff := cmp.Diff(want, d.Topology); diff != "" {
		t.Errorf("topology (-want +got):\n%s", diff)
	}
	if got := s.state.DatabaseTopologyEtag(d); got != 2 {
		t.Errorf("topology etag = %d, want 2", got)
	}
}

func TestApply_CreateDatabaseRefuses(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("Shop", "")
	create := func(name, record string, factor int) cluster.Result {
		return s.apply(cluster.CreateDatabase{
			Name: name, Record: json.RawMessage(record), ReplicationFactor: factor, DatabaseID: id1, TopologyID: id2, ClusterTransactionID: id3,
		})
	}
	wantRefused[*cluster.DatabaseExistsError](t, create("SHOP", "", 1), fault.Conflict)
	wantRefused[*cluster.InvalidNameError](t, create("a/b", "", 1), fault.Invalid)
	wantRefused[*cluster.InvalidCommandError](t, create("b", "", 2), fault.Invalid)
	wantRefused[*cluster.NodeMissingError](t, create("b", `{"Topology":{"Members":["B"]}}`, 0), fault.Invalid)
	wantRefused[*cluster.InvalidCommandError](t, create("b", `{"Topology":{"Members":["A","A"]}}`, 0), fault.Invalid)
	for _, record := range []string{
		`[]`, `{`, `{"a":1}x`, `{"a":1,"a":2}`, `{"Disabled":1}`, `{"LockMode":"Maybe"}`, `{"Settings":[]}`, `{"Settings":{"a":{}}}`,
		`{"Client":7}`, `{"Topology":{"Members":7}}`, `{"Encrypted":true}`,
	} {
		wantRefused[*cluster.InvalidCommandError](t, create("b", record, 0), fault.Invalid)
	}
	wantRefused[*cluster.InvalidCommandError](t, s.apply(cluster.CreateDatabase{Name: "b", DatabaseID: "short"}), fault.Invalid)
	if got := s.names(); got != "Shop" {
		t.Errorf("refused commands left %q", got)
	}
	if s.state.Index < 10 {
		t.Errorf("index = %d: a refused command must move it", s.state.Index)
	}
}

func TestApply_EncryptionIsDecidedOnce(t *testing.T) {
	s := story{t: t, state: begin(t)}
	create := func(name, record string, encrypted bool) cluster.Result {
		return s.apply(cluster.CreateDatabase{
			Name: name, Record: json.RawMessage(record), Encrypted: encrypted, DatabaseID: id1, TopologyID: id2, ClusterTransactionID: id3,
		})
	}
	for _, r := range []cluster.Result{create("secret", `{"Encrypted":true}`, true), create("silent", ``, true), create("plain", `{"Encrypted":false}`, false)} {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	// a record that asks for it where nobody has seen to it, and the reverse
	wantRefused[*cluster.InvalidCommandError](t, create("b", `{"Encrypted":true}`, false), fault.Invalid)
	wantRefused[*cluster.InvalidCommandError](t, create("b", `{"Encrypted":false}`, true), fault.Invalid)
	wantRefused[*cluster.InvalidCommandError](t, create("b", `{"Encrypted":1}`, false), fault.Invalid)
	update := func(name, record string) cluster.Result {
		return s.apply(cluster.UpdateDatabase{Name: name, Record: json.RawMessage(record)})
	}
	wantRefused[*cluster.InvalidCommandError](t, update("secret", `{"Encrypted":false}`), fault.Invalid)
	wantRefused[*cluster.InvalidCommandError](t, update("plain", `{"Encrypted":true}`), fault.Invalid)
	for name, record := range map[string]string{"secret": `{"Encrypted":true}`, "silent": `{}`, "plain": ``} {
		if r := update(name, record); r.Err != nil {
			t.Error(r.Err)
		}
	}
	again, err := cluster.DecodeState(cluster.AppendState(nil, s.state))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"secret": true, "silent": true, "plain": false} {
		d, _ := again.Database(name)
		if d == nil || d.Encrypted != want || !strings.Contains(string(d.AppendRecord(nil)), fmt.Sprintf(`"Encrypted":%v`, want)) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestWantsEncryption(t *testing.T) {
	for record, want := range map[string]bool{``: false, `{}`: false, `{"Encrypted":null}`: false, `{"Encrypted":false}`: false, `{"Encrypted":true}`: true} {
		if got, err := cluster.WantsEncryption(json.RawMessage(record)); got != want || err != nil {
			t.Errorf("%s: got %v, %v", record, got, err)
		}
	}
	if _, err := cluster.WantsEncryption(json.RawMessage(`{"Encrypted":"yes"}`)); fault.Of(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestApply_UpdateDatabase(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("Shop", `{"Client":{"Etag":9,"MaxNumberOfRequestsPerSession":30},"Revisions":{}}`)
	before := *s.database("Shop")
	update := func(record string, expected uint64) cluster.Result {
		return s.apply(cluster.UpdateDatabase{Name: "shop", Record: json.RawMessage(record), Expected: expected})
	}
	wantRefused[*cluster.RecordConflictError](t, update(`{}`, before.Etag-1), fault.Conflict)
	wantRefused[*cluster.RecordConflictError](t, update(`{}`, before.Etag+1), fault.Conflict)
	wantRefused[*cluster.InvalidCommandError](t, update(`{"Disabled":"x"}`, 0), fault.Invalid)
	wantRefused[*cluster.DatabaseMissingError](t, s.apply(cluster.UpdateDatabase{Name: "none"}), fault.NotFound)

	// The client configuration is what it was, though its etag was sent along: it keeps its etag.
	r := update(`{"DatabaseName":"Other","Disabled":true,"Client":{"Etag":2,"MaxNumberOfRequestsPerSession":30},"Topology":{"Members":["Z"]}}`, before.Etag)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	d := s.database("Shop")
	if d.Name != "Shop" || d.ID != before.ID || d.Etag != r.Index || !d.Disabled || !cmp.Equal(d.Topology, before.Topology) {
		t.Errorf("after update: %+v", d)
	}
	if d.Client.Etag != before.Client.Etag {
		t.Errorf("client etag = %d, want %d", d.Client.Etag, before.Client.Etag)
	}
	if strings.Contains(string(d.AppendRecord(nil)), `"Revisions":{}`) {
		t.Error("a member that the new record lacks is still there")
	}
	// Now it is another one.
	if r = update(`{"Client":{"MaxNumberOfRequestsPerSession":31}}`, 0); s.database("Shop").Client.Etag != r.Index {
		t.Errorf("client etag = %d, want %d", s.database("Shop").Client.Etag, r.Index)
	}
	if update(`{"Client":null}`, 0); s.database("Shop").Client != nil {
		t.Error("a null client configuration was kept")
	}
}

func TestApply_DeleteDatabases(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("a", "")
	s.create("b", `{"LockMode":"PreventDeletesError"}`)
	s.create("c", `{"LockMode":"PreventDeletesIgnore"}`)
	del := func(names ...string) cluster.Result {
		return s.apply(cluster.DeleteDatabases{Names: names, HardDelete: true})
	}
	wantRefused[*cluster.DatabaseMissingError](t, del("a", "none"), fault.NotFound)
	r := del("a", "b")
	wantRefused[*cluster.LockModeError](t, r, fault.Conflict)
	if want := "cannot be deleted because of the set lock mode"; !strings.Contains(r.Err.Error(), want) {
		t.Errorf("%v lacks %q, which applications look for", r.Err, want)
	}
	wantRefused[*cluster.NodeMissingError](t, s.apply(cluster.DeleteDatabases{Names: []string{"a"}, FromNodes: []string{"B"}}), fault.Invalid)
	wantRefused[*cluster.InvalidCommandError](t, del(), fault.Invalid)
	if got := s.names(); got != "a b c" {
		t.Fatalf("refused deletions left %q", got)
	}

	r = del("A", "a", "c") // a twice is once
	if want := []string{"a true", "c false"}; r.Err != nil || !cmp.Equal(outcomes(r), want) {
		t.Errorf("outcomes = %v, %v, want %v", outcomes(r), r.Err, want)
	}
	if got := s.names(); got != "a* b c" {
		t.Errorf("databases = %q, want a on its way out", got)
	}
	if _, ok := s.state.Database("a"); ok {
		t.Error("a database being deleted is still found")
	}
	wantRefused[*cluster.DatabaseMissingError](t, del("a"), fault.NotFound)
	r = s.apply(cluster.CreateDatabase{Name: "A", DatabaseID: id2, TopologyID: id2, ClusterTransactionID: id3})
	wantRefused[*cluster.DatabaseExistsError](t, r, fault.Conflict)

	confirm := func(id, tag string) {
		s.mustApply(cluster.ConfirmDeletion{Name: "a", DatabaseID: id, Tag: tag})
	}
	confirm(id2, "A") // another database
	confirm(id1, "B") // another node
	if got := s.names(); got != "a* b c" {
		t.Errorf("databases = %q after confirmations that are not meant", got)
	}
	confirm(id1, "A")
	confirm(id1, "A") // twice does no harm
	if got := s.names(); got != "b c" {
		t.Errorf("databases = %q, want b c", got)
	}
	s.mustApply(cluster.ConfirmDeletion{Name: "b", DatabaseID: id1, Tag: "A"}) // it is not being deleted
	if got := s.names(); got != "b c" {
		t.Errorf("databases = %q, want b c", got)
	}
}

func outcomes(r cluster.Result) []string {
	var list []string
	for _, o := range r.Outcomes {
		list = append(list, fmt.Sprint(o.Name, " ", o.Done))
	}
	return list
}

func TestApply_SetDisabledTellsOfUnknownNames(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("a", "")
	set := func(disabled bool, names ...string) cluster.Result {
		return s.apply(cluster.SetDisabled{Names: names, Disabled: disabled})
	}
	r := set(true, "A", "none")
	if want := []string{"a true", "none false"}; r.Err != nil || !cmp.Equal(outcomes(r), want) {
		t.Errorf("outcomes = %v, %v, want %v", outcomes(r), r.Err, want)
	}
	etag := s.database("a").Etag
	if !s.database("a").Disabled || etag != r.Index {
		t.Errorf("after disable: %+v", s.database("a"))
	}
	if set(true, "a"); s.database("a").Etag != etag {
		t.Error("disabling a disabled database changed its record")
	}
	if set(false, "a"); s.database("a").Disabled {
		t.Error("still disabled")
	}
	wantRefused[*cluster.InvalidCommandError](t, set(true), fault.Invalid)
}

func TestApply_SetLockModeIsAllOrNone(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("a", "")
	s.create("b", "")
	set := func(mode cluster.LockMode, names ...string) cluster.Result {
		return s.apply(cluster.SetLockMode{Names: names, Mode: mode})
	}
	wantRefused[*cluster.DatabaseMissingError](t, set(cluster.PreventDeletesError, "a", "none"), fault.NotFound)
	wantRefused[*cluster.InvalidCommandError](t, set("Maybe", "a"), fault.Invalid)
	if s.database("a").LockMode != cluster.Unlock {
		t.Error("a refused command changed the lock mode")
	}
	if r := set(cluster.PreventDeletesIgnore, "a", "b"); r.Err != nil || s.database("b").LockMode != cluster.PreventDeletesIgnore {
		t.Errorf("lock mode = %v, %v", s.database("b").LockMode, r.Err)
	}
}

func TestApply_PutSettingsReplaces(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("a", `{"Settings":{"Old":"1"}}`)
	put := func(name, settings string) cluster.Result {
		return s.apply(cluster.PutSettings{Name: name, Settings: json.RawMessage(settings)})
	}
	put("a", `{"New":"2","Unset":null,"B":true}`)
	if want := map[string]string{"New": "2", "B": "true"}; !cmp.Equal(s.database("a").Settings, want) {
		t.Errorf("settings = %v, want %v", s.database("a").Settings, want)
	}
	wantRefused[*cluster.DatabaseMissingError](t, put("none", `{}`), fault.NotFound)
	wantRefused[*cluster.InvalidCommandError](t, put("a", `[]`), fault.Invalid)
}

func TestApply_PutClientConfiguration(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("a", "")
	put := func(name, text string) cluster.Result {
		return s.apply(cluster.PutClientConfiguration{Name: name, Configuration: json.RawMessage(text)})
	}
	f := func(name, want string) {
		t.Helper()
		var d *cluster.Database
		if name != "" {
			d = s.database(name)
		}
		got := "none"
		if c := s.state.ClientConfiguration(d); c != nil {
			got = string(c.JSON)
		}
		if got != want {
			t.Errorf("client configuration of %q = %s, want %s", name, got, want)
		}
	}
	f("a", "none")
	put("", ` { "Disabled" : false , "Etag" : 77 } `)
	f("", `{"Etag":3,"Disabled":false}`)
	f("a", `{"Etag":3,"Disabled":false}`) // that of the server, while it has none of its own
	put("A", `{"IdentityPartsSeparator":"<"}`)
	f("a", `{"Etag":4,"IdentityPartsSeparator":"<"}`)
	f("", `{"Etag":3,"Disabled":false}`)
	put("a", `null`)
	f("a", `{"Etag":3,"Disabled":false}`)
	wantRefused[*cluster.DatabaseMissingError](t, put("none", `{}`), fault.NotFound)
	wantRefused[*cluster.InvalidCommandError](t, put("a", `7`), fault.Invalid)
	wantRefused[*cluster.InvalidCommandError](t, put("", `[]`), fault.Invalid)
}

func TestApply_PutRecordFields(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("a", `{"Revisions":{"x":1},"Custom":1}`)
	put := func(name, text string) cluster.Result {
		return s.apply(cluster.PutRecordFields{Name: name, Fields: json.RawMessage(text)})
	}
	r := put("a", `{"Expiration":{"Disabled":false},"Revisions":{"x":2},"Custom":null}`)
	record := string(s.database("a").AppendRecord(nil))
	for _, want := range []string{`"Expiration":{"Disabled":false}`, `"Revisions":{"x":2}`, fmt.Sprintf(`"Etag":%d`, r.Index)} {
		if !strings.Contains(record, want) {
			t.Errorf("record lacks %s: %s", want, record)
		}
	}
	if strings.Contains(record, "Custom") {
		t.Errorf("a removed member is still there: %s", record)
	}
	wantRefused[*cluster.DatabaseMissingError](t, put("none", `{}`), fault.NotFound)
	for _, text := range []string{``, `[]`, `{"Disabled":true}`, `{"Encrypted":true}`, `{"Topology":{}}`} {
		wantRefused[*cluster.InvalidCommandError](t, put("a", text), fault.Invalid)
	}
}

func TestApply_SetNodeURL(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("a", "")
	d := s.database("a")
	if r := s.apply(cluster.SetNodeURL{Tag: "A", URL: "http://a"}); r.Err != nil || s.state.TopologyEtag != 1 {
		t.Errorf("the same URL again: %v, etag %d", r.Err, s.state.TopologyEtag)
	}
	r := s.mustApply(cluster.SetNodeURL{Tag: "A", URL: "http://b"})
	if n, ok := s.state.Node("A"); !ok || n.URL != "http://b" || s.state.TopologyEtag != r.Index {
		t.Errorf("node = %+v, etag %d", n, s.state.TopologyEtag)
	}
	if got := s.state.DatabaseTopologyEtag(d); got != r.Index {
		t.Errorf("etag of the database's topology = %d, want %d: clients must learn the new URL", got, r.Index)
	}
	wantRefused[*cluster.NodeMissingError](t, s.apply(cluster.SetNodeURL{Tag: "B"}), fault.Invalid)
	wantRefused[*cluster.InvalidCommandError](t, s.apply(cluster.SetNodeURL{Tag: "A", URL: strings.Repeat("x", 3000)}), fault.Invalid)
}

func TestApply_RepeatedRequestIsOneRequest(t *testing.T) {
	s := story{t: t, state: begin(t)}
	create := cluster.CreateDatabase{Name: "a", DatabaseID: id1, TopologyID: id2, ClusterTransactionID: id3}
	first := s.applyAs("r1", create)
	again := s.applyAs("r1", create)
	if !cmp.Equal(first, again) || first.Err != nil {
		t.Errorf("first %+v, again %+v: want the same", first, again)
	}
	if s.state.Index != 3 {
		t.Errorf("index = %d, want 3", s.state.Index)
	}
	// A refused request is not remembered: it did nothing, and may be welcome later.
	missing := cluster.SetLockMode{Names: []string{"b"}, Mode: cluster.Unlock}
	if r := s.applyAs("r2", missing); r.Err == nil {
		t.Fatal("want an error")
	}
	s.create("b", "")
	if r := s.applyAs("r2", missing); r.Err != nil {
		t.Errorf("repeated after the obstacle has gone: %v", r.Err)
	}
	// An empty id is none.
	if r := s.applyAs("", create); r.Err == nil {
		t.Error("a command without an id was taken for a repeated one")
	}
}

func TestApply_ForgetsOldRequests(t *testing.T) {
	s := story{t: t, state: begin(t)}
	url := func(i int) cluster.SetNodeURL { return cluster.SetNodeURL{Tag: "A", URL: fmt.Sprint(i)} }
	const n = 1024
	state := s.state
	apply := func(i int) cluster.Result {
		next, r := cluster.Apply(state, cluster.Entry{Index: state.Index + 1, Proposal: cluster.Proposal{Command: url(i), RequestID: fmt.Sprint("r", i)}})
		state = next
		return r
	}
	for i := range n {
		apply(i)
	}
	if r := apply(0); r.Index != 2 { // still known
		t.Errorf("index of the oldest request = %d, want 2", r.Index)
	}
	apply(n) // one more, which the oldest makes room for
	if r := apply(0); r.Index == 2 {
		t.Error("a request beyond the bound is still known")
	}
	if r := apply(n); r.Index != state.Index-2 {
		t.Errorf("the newest request was forgotten: index %d", r.Index)
	}
}

func TestDatabase_RecordIsWhole(t *testing.T) {
	s := story{t: t, state: begin(t)}
	given := `{"Sorters":{"S":{"Name":"S","Code":"a < b && \"c\""}},"UnusedDatabaseIds":["x"],"Big":12345678901234567890.5,"ä":{"z":1,"a":2},"RavenEtls":null}`
	s.create("Shop", given)
	s.mustApply(cluster.PutClientConfiguration{Name: "Shop", Configuration: json.RawMessage(`{"Disabled":true}`)})
	text := s.database("Shop").AppendRecord(nil)
	var record map[string]json.RawMessage
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for name, want := range map[string]string{
		"DatabaseName": `"Shop"`, "Etag": "3", "Disabled": "false", "LockMode": `"Unlock"`, "DeletionInProgress": "{}", "Settings": "{}",
		"Client": `{"Etag":3,"Disabled":true}`, "Sorters": `{"S":{"Name":"S","Code":"a < b && \"c\""}}`, "UnusedDatabaseIds": `["x"]`,
		"Big": "12345678901234567890.5", "ä": `{"z":1,"a":2}`, "RavenEtls": "[]", "Indexes": "{}", "AutoIndexes": "{}", "Analyzers": "{}",
		"PeriodicBackups": "[]", "QueueConnectionStrings": "{}", "TimeSeries": "null", "Encrypted": "false", "DatabaseState": `"Normal"`,
	} {
		if got := string(record[name]); got != want {
			t.Errorf("record has %s: %s, want %s", name, got, want)
		}
	}
	var topology struct {
		Members, Promotables, Rehabs []string
		Stamp                        struct{ LeadersTicks int64 }
		NodesModifiedAt              string
	}
	if err := json.Unmarshal(record["Topology"], &topology); err != nil {
		t.Fatal(err)
	}
	if topology.Promotables == nil || topology.Rehabs == nil || !slices.Equal(topology.Members, []string{"A"}) ||
		topology.NodesModifiedAt != "2030-01-02T12:00:00.0000000Z" || topology.Stamp.LeadersTicks != 640291824000000000 {
		t.Errorf("topology = %s", record["Topology"])
	}
}

func TestDatabase_RecordShowsDeletion(t *testing.T) {
	s := story{t: t, state: begin(t)}
	s.create("a", "")
	s.mustApply(cluster.DeleteDatabases{Names: []string{"a"}})
	for d := range s.state.AllDatabases() {
		if text := string(d.AppendRecord(nil)); !strings.Contains(text, `"DeletionInProgress":{"A":"SoftDelete"}`) {
			t.Errorf("record = %s", text)
		}
	}
}

func TestValidateName(t *testing.T) {
	good := func(name string) {
		t.Helper()
		if err := cluster.ValidateName(name); err != nil {
			t.Error(err)
		}
	}
	bad := func(name, why string) {
		t.Helper()
		err := cluster.ValidateName(name)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("name %q: %v, want %q", name, err, why)
		}
	}
	good("Shop")
	good("a")
	good("größe-1_2.3")
	good("注文")
	good("a b")
	good(".hidden")
	good("conan")
	good("com10")
	good(strings.Repeat("ä", 128))
	bad("", "empty")
	bad(strings.Repeat("a", 129), "longer than 128")
	bad("a.", "ends with a dot")
	bad("..", "ends with a dot")
	bad(" a", "blank")
	bad("a ", "blank")
	bad("a\xff", "UTF-8")
	bad("a\nb", "unprintable")
	bad("a\x00b", "unprintable")
	bad("a\u202eb", "unprintable")
	for _, c := range `\/:*?"<>|` {
		bad("a"+string(c)+"b", "contains")
	}
	for _, name := range []string{"con", "PRN", "Aux", "nul", "COM1", "lpt9", "con.txt", "NUL.tar.gz", "com0"} {
		bad(name, "device")
	}
}
