package dump_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/dump"
)

// sent is what an official client sends when nothing is changed.
const sent = `{"OperateOnTypes":"Indexes,Documents,RevisionDocuments,Conflicts,DatabaseRecord,ReplicationHubCertificates,Identities,CompareExchange,Attachments,CounterGroups,Subscriptions,TimeSeries",` +
	`"OperateOnDatabaseRecordType":["Client","ConflictSolverConfig","Expiration","ExternalReplications","PeriodicBackups","RavenConnectionStrings","RavenEtls","Revisions","Settings","SqlConnectionStrings","Sorters","SqlEtls","HubPullReplications","SinkPullReplications","TimeSeries","DocumentsCompression","Analyzers","LockMode","OlapConnectionStrings","OlapEtls","ElasticSearchConnectionStrings","ElasticSearchEtls","PostgreSqlIntegration","QueueConnectionStrings","QueueEtl","IndexesHistory","Refresh"],` +
	`"MaxStepsForTransformScript":10000,"IncludeExpired":true,"Collections":[]}`

func TestOptions_DefaultsAreWhatClientsSend(t *testing.T) {
	for _, text := range []string{sent, `{}`, `{"Collections":null,"IncludeExpired":null}`} {
		got, err := dump.ParseOptions([]byte(text))
		check(t, err)
		if diff := cmp.Diff(got, dump.DefaultOptions()); diff != "" {
			t.Errorf("%s: (-got +want)\n%s", text, diff)
		}
		if printed := string(got.AppendJSON(nil)); printed != sent {
			t.Errorf("printed\n%s, want\n%s", printed, sent)
		}
	}
}

func TestOptions_EveryMember(t *testing.T) {
	const text = `{"OperateOnTypes":"Documents,Tombstones","OperateOnDatabaseRecordType":["Client"],"MaxStepsForTransformScript":5,` +
		`"IncludeExpired":false,"Collections":["Users","it\"s"],"IncludeArtificial":true,"IncludeArchived":false,"RemoveAnalyzers":true,` +
		`"SkipRevisionCreation":true,"SkipCorruptedData":true,"TransformScript":"throw 'skip'","EncryptionKey":"aGk=",` +
		`"CompressionAlgorithm":"Zstd","MaxReadOpsPerSecond":7}`
	got, err := dump.ParseOptions([]byte(text))
	check(t, err)
	want := dump.Options{
		OperateOnTypes: dump.KindsOf(dump.Tombstones, dump.Documents), OperateOnDatabaseRecordType: []string{"Client"},
		MaxStepsForTransformScript: 5, Collections: []string{"Users", `it"s`}, IncludeArtificial: true, RemoveAnalyzers: true,
		SkipRevisionCreation: true, SkipCorruptedData: true, TransformScript: "throw 'skip'", EncryptionKey: "aGk=",
		CompressionAlgorithm: dump.Zstd, MaxReadOpsPerSecond: 7,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
	if printed := string(got.AppendJSON(nil)); printed != text {
		t.Errorf("printed\n%s, want\n%s", printed, text)
	}
}

func TestParseOptions_Refuses(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := dump.ParseOptions([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.100s: got %v, want %s", text, err, want)
		}
	}
	f(`[]`, "an object was expected")
	f(`{`, "line 1")
	f(`{"OperateOnTypes":"Documents,documents"}`, `there is no kind "documents"`)
	f(`{"OperateOnTypes":["Documents"]}`, "option OperateOnTypes: a string was expected, and this is an array")
	f(`{"OperateOnDatabaseRecordType":["X"]}`, `no part "X"`)
	f(`{"OperateOnDatabaseRecordType":7}`, "an array of strings was expected, and this is a number")
	f(`{"Collections":[1]}`, "and it holds a number")
	f(`{"IncludeExpired":"true"}`, "true or false was expected")
	f(`{"MaxStepsForTransformScript":-1}`, "a whole number from 0")
	f(`{"MaxStepsForTransformScript":1.5}`, "a whole number from 0")
	f(`{"CompressionAlgorithm":"zstd"}`, `there is no algorithm "zstd"`)
	f(`{"TransformScript":{}}`, "a string was expected")
	f(`{"TransformScript":"`+strings.Repeat("x", dump.OptionsBytesMax)+`"}`, "bytes of options")
}

func TestParseOptions_OtherSpellings(t *testing.T) {
	o, err := dump.ParseOptions([]byte(`{"OperateOnTypes":"Documents, Tombstones","OperateOnDatabaseRecordType":"Client, Settings","FileName":"x","IncludeArchived":true}`))
	check(t, err)
	if o.OperateOnTypes != dump.KindsOf(dump.Documents, dump.Tombstones) || !cmp.Equal(o.OperateOnDatabaseRecordType, []string{"Client", "Settings"}) ||
		!cmp.Equal(o.Unknown, []string{"FileName"}) {
		t.Errorf("got %+v", o)
	}
}

func TestKinds_PrintAndParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := dump.Kinds(rapid.Uint32().Draw(t, "kinds")) & dump.KindsAll
		got, err := dump.ParseKinds(want.String())
		if err != nil || got != want {
			t.Fatalf("%s came back as %s, and %v", want, got, err)
		}
	})
	if got := dump.KindsDefault.String(); !strings.Contains(sent, `"`+got+`"`) {
		t.Errorf("the default is %s", got)
	}
	if got := dump.Kinds(0).String(); got != "None" {
		t.Errorf("the empty set is %s", got)
	}
}

func TestFilter_Keep(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 600, time.UTC)
	f := func(options string, kind dump.Kind, item string, want bool) {
		t.Helper()
		o, err := dump.ParseOptions([]byte(options))
		check(t, err)
		if got := o.Filter(now).Keep(kind, parse(t, item)); got != want {
			t.Errorf("%s keeps %s %s: got %t, want %t", options, kind, item, got, want)
		}
	}
	f(`{}`, dump.Documents, `{}`, true)
	f(`{}`, dump.Tombstones, `{}`, false) // clients ask for them by name
	f(`{"OperateOnTypes":"Indexes"}`, dump.Documents, `{}`, false)
	f(`{"OperateOnTypes":"Indexes"}`, dump.Indexes, `{}`, true)
	// collections
	const users = `{"@metadata":{"@collection":"Users"}}`
	f(`{"Collections":["users"]}`, dump.Documents, users, true)
	f(`{"Collections":["Orders","Users"]}`, dump.RevisionDocuments, users, true)
	f(`{"Collections":["Orders"]}`, dump.Documents, users, false)
	f(`{"Collections":["Orders"]}`, dump.Documents, `{}`, false)
	f(`{"Collections":["@empty"]}`, dump.Documents, `{"@metadata":{"@collection":null}}`, true)
	f(`{"Collections":["Users"]}`, dump.CounterGroups, `{"Collection":"Users"}`, true)
	f(`{"Collections":["Users"]}`, dump.TimeSeries, `{"Collection":"Orders"}`, false)
	f(`{"Collections":["Users"]}`, dump.Indexes, `{}`, true)
	f(`{"Collections":["Users"]}`, dump.Attachments, `{}`, true)
	// expired documents
	expires := func(s string) string { return `{"@metadata":{"@expires":` + s + `}}` }
	const not = `{"IncludeExpired":false}`
	f(not, dump.Documents, expires(`"2030-01-02T03:04:05.0000006Z"`), false) // this very moment
	f(not, dump.Documents, expires(`"2030-01-02T03:04:05.0000007Z"`), true)
	f(not, dump.Documents, expires(`"2030-01-02T04:04:05+02:00"`), false)
	f(not, dump.Documents, expires(`"2030-01-02T03:04:05.0000006"`), false)
	f(not, dump.Documents, expires(`"soon"`), true)
	f(not, dump.Documents, expires(`7`), true)
	f(not, dump.Documents, `{}`, true)
	f(not, dump.RevisionDocuments, expires(`"2020-01-02T03:04:05Z"`), true)
	f(`{}`, dump.Documents, expires(`"2020-01-02T03:04:05Z"`), true)
	// flags
	f(`{}`, dump.Documents, `{"@metadata":{"@flags":"HasRevisions, Artificial"}}`, false)
	f(`{"IncludeArtificial":true}`, dump.Documents, `{"@metadata":{"@flags":"HasRevisions, Artificial"}}`, true)
	f(`{}`, dump.Documents, `{"@metadata":{"@flags":"NotArtificial"}}`, true)
	f(`{"IncludeArchived":false}`, dump.Documents, `{"@metadata":{"@flags":"Archived"}}`, false)
	f(`{}`, dump.Documents, `{"@metadata":{"@flags":"Archived"}}`, true)
}

func TestRemoveAnalyzers(t *testing.T) {
	f := func(def, want string) {
		t.Helper()
		got, err := dump.RemoveAnalyzers(parse(t, def))
		if err != nil || string(got.Text()) != want {
			t.Errorf("%s: got %s and %v, want %s", def, got.Text(), err, want)
		}
	}
	f(`{"Name":"i"}`, `{"Name":"i"}`)
	f(`{"Fields":null}`, `{"Fields":null}`)
	f(`{"Fields":{"a":{"Analyzer":"X","Storage":"Yes"},"b.c":{"Storage":"No"},"d":{"Analyzer":"Y"}}}`,
		`{"Fields":{"a":{"Storage":"Yes"},"b.c":{"Storage":"No"},"d":{}}}`)
}
