package config_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/fault"
)

// oneFile serves text as the file "s.json" and nothing else.
func oneFile(text string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if name != "s.json" {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}
}

func mustParse(t *testing.T, args, env []string, file string) (config.Config, []config.Warning) {
	t.Helper()
	c, warnings, err := config.Parse(args, env, oneFile(file))
	if err != nil {
		t.Fatalf("Parse(%q, %q): %v", args, env, err)
	}
	return c, warnings
}

func TestParse_DefaultsAreSafeAndLocal(t *testing.T) {
	c := config.Defaults()
	if got, want := c.ServerURLs, []config.Endpoint{{Scheme: "http", Host: "127.0.0.1", Port: 8080}}; !cmp.Equal(got, want) {
		t.Errorf("ServerURLs = %v, want %v", got, want)
	}
	if got, want := c.TCPURLs, []config.Endpoint{{Scheme: "tcp", Host: "127.0.0.1", Port: 0}}; !cmp.Equal(got, want) {
		t.Errorf("TCPURLs = %v, want %v", got, want)
	}
	if c.UnsecuredAccess != config.AccessLocal || c.RunInMemory || c.DataDir == "" || c.ConcurrentLoads != 8 {
		t.Errorf("defaults = %+v", c)
	}
	want := config.Storage{CompressAboveBytes: 4096, SyncEvery: 30 * time.Second, SlowIOAfter: time.Second}
	if c.Storage != want {
		t.Errorf("Storage = %+v, want %+v", c.Storage, want)
	}
	if want := (config.Cluster{ElectionTimeout: 300 * time.Millisecond, OperationTimeout: 15 * time.Second, CommandBytesMax: 128 << 20, ExpireValuesEvery: time.Minute}); c.Cluster != want {
		t.Errorf("Cluster = %+v, want %+v", c.Cluster, want)
	}
	if got := c.Origin("DataDir"); got != (config.Origin{}) {
		t.Errorf("origin of an unset key = %v, want default", got)
	}
}

func TestParse_LaterSourceWins(t *testing.T) {
	env := []string{"ROOKERY_DataDir=from-env", "RAVEN_DataDir=from-raven", "PATH=/bin"}
	f := func(args []string, env []string, file, want string, origin config.Origin) {
		t.Helper()
		c, _ := mustParse(t, args, env, file)
		if c.DataDir != want || c.Origin("datadir") != origin {
			t.Errorf("DataDir = %q from %v, want %q from %v", c.DataDir, c.Origin("DataDir"), want, origin)
		}
	}
	file := `{"DataDir":"from-file"}`
	fromFile := config.Origin{Source: config.File, Name: "s.json"}
	f(nil, nil, "", "rookery-data", config.Origin{})
	f(nil, env[1:], "", "from-raven", config.Origin{Source: config.Environment, Name: "RAVEN_DataDir"})
	f(nil, env, "", "from-env", config.Origin{Source: config.Environment, Name: "ROOKERY_DataDir"}) // ours before theirs
	f([]string{"--config-path", "s.json"}, env, file, "from-file", fromFile)
	f([]string{"-c", "s.json"}, env, `{}`, "from-env", config.Origin{Source: config.Environment, Name: "ROOKERY_DataDir"})
	f([]string{"-c=s.json", "--DataDir=from-args"}, env, file, "from-args", config.Origin{Source: config.CommandLine})
	f([]string{"--DataDir=a", "--datadir", "b"}, nil, "", "b", config.Origin{Source: config.CommandLine}) // the later mention
	f([]string{"--config-path=s.json", "--DataDir="}, nil, file, "rookery-data", config.Origin{})         // empty: as if not set
}

func TestParse_Spellings(t *testing.T) {
	f := func(args, env []string, file string) {
		t.Helper()
		c, warnings := mustParse(t, args, env, file)
		if want := []config.Endpoint{{Scheme: "tcp", Host: "127.0.0.1", Port: 9}}; !cmp.Equal(c.TCPURLs, want) || len(warnings) > 0 {
			t.Errorf("TCPURLs = %v, want %v; warnings %v", c.TCPURLs, want, warnings)
		}
	}
	c := []string{"-c", "s.json"}
	f([]string{"--ServerUrl.Tcp=tcp://127.0.0.1:9"}, nil, "")
	f([]string{"--serverurl.TCP", "tcp://127.0.0.1:9/"}, nil, "")
	f([]string{"--ServerUrl.Tcp", "9"}, nil, "") // a bare port: the host of ServerUrl
	f(nil, []string{"ROOKERY_ServerUrl_Tcp=9"}, "")
	f(nil, []string{"ROOKERY_SERVERURL.TCP=9"}, "")
	f(nil, []string{"RAVEN_ServerUrl_Tcp=9"}, "")
	f(c, nil, `{"ServerUrl.Tcp":9}`)
	f(c, nil, `{"ServerUrl":{"Tcp":["9"]}}`)
	f(c, nil, "\uFEFF"+`{"Storage":{"Dangerous":{"IgnoreInvalidJournalErrors":false}},"serverurl":{"tcp":"9"},"DataDir":null}`)
}

func TestParse_Values(t *testing.T) {
	c, _ := mustParse(t, []string{
		"--ServerUrl=http://localhost:1; http://[::1]:2", "--RunInMemory", "--Testing.ParentProcessId=77",
		"--Cluster.ElectionTimeoutInMs=3000", "--Storage.CompressTxAboveSizeInKb=512", "--Security.UnsecuredAccessAllowed=privatenetwork",
		"--PublicServerUrl=http://db.example:80/", "--Logs.Mode=none",
	}, nil, "")
	urls := []config.Endpoint{{Scheme: "http", Host: "localhost", Port: 1}, {Scheme: "http", Host: "::1", Port: 2}}
	if !cmp.Equal(c.ServerURLs, urls) {
		t.Errorf("ServerURLs = %v, want %v", c.ServerURLs, urls)
	}
	if got, want := c.ServerURLs[1].String(), "http://[::1]:2"; got != want {
		t.Errorf("URL = %s, want %s", got, want)
	}
	if !c.RunInMemory || c.ParentProcessID != 77 || c.Cluster.ElectionTimeout != 3*time.Second || c.Storage.CompressAboveBytes != 512<<10 ||
		c.UnsecuredAccess != config.AccessPrivateNetwork || c.PublicURL != "http://db.example:80" || c.Logs.Mode != config.LogNone {
		t.Errorf("got %+v", c)
	}
}

func TestParse_AcceptsWhatDriversPass(t *testing.T) {
	f := func(args ...string) {
		t.Helper()
		if _, warnings := mustParse(t, args, []string{`RAVEN_License={"Id":"x","Keys":[1,2]} any = text`}, `{}`); len(warnings) > 0 {
			t.Errorf("%q warns: %v", args, warnings)
		}
	}
	common := []string{"--RunInMemory=true", "--License.Eula.Accepted=true", "--Setup.Mode=None", "--Testing.ParentProcessId=1"}
	f(append(common, "--config-path", "s.json", "--Logs.Mode=None", "--ServerUrl=http://127.0.0.1:0",
		"--ServerUrl.Tcp=tcp://127.0.0.1:38884", "--Features.Availability=Experimental")...)
	f(append(common, "--ServerUrl=http://127.0.0.1:0", "--Cluster.ElectionTimeoutInMs=3000", "--Cluster.TimeBeforeAddingReplicaInSec=1",
		"--Cluster.TimeBeforeMovingToRehabInSec=0", "--Cluster.StatsStabilizationTimeInSec=1")...)
	f(append(common, "-n", "--log-to-console", "--service-name", "x", "--ServerUrl=http://127.0.0.1:10001")...)
}

func TestParse_WarnsOfWhatHasNoEffect(t *testing.T) {
	_, warnings := mustParse(t, []string{"--Indexing.Some.Key=1", "--Logs.Path", "x"},
		[]string{"ROOKERY_DataDri=x", "ROOKERY_Zzz=1", "RAVEN_Cluster_ElectionTimeoutInMS=500"}, "")
	got := make([]string, len(warnings))
	for i, w := range warnings {
		got[i] = w.String()
	}
	want := []string{
		"DataDri (environment ROOKERY_DataDri): is no setting, and is ignored; did you mean DataDir?",
		"Zzz (environment ROOKERY_Zzz): is no setting, and is ignored",
		"Logs.Path (command line): is accepted and has no effect in this version",
		"Indexing.Some.Key (command line): is accepted and has no effect in this version",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
}

func TestParse_Refuses(t *testing.T) {
	f := func(want string, file string, args ...string) {
		t.Helper()
		_, _, err := config.Parse(args, nil, oneFile(file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want an error with %q", args, err, want)
			return
		}
		if fault.Of(err) != fault.Invalid {
			t.Errorf("Parse(%q): kind %v, want invalid", args, fault.Of(err))
		}
	}
	// Unknown keys come with the nearest known one.
	f(`unknown setting "DataDri" (command line): did you mean DataDir?`, "", "--DataDri=x")
	f(`did you mean ServerUrl.Tcp?`, "", "--ServerURL.Tpc", "x")
	f(`unknown setting "Zzzzzzzzzz" (command line)`, "", "--Zzzzzzzzzz")
	f(`did you mean Storage.TimeToSyncAfterFlushInSec?`, "", "--Storage.TimeToSyncAfterFlushInSecs=1") // not swallowed by its group
	f(`unknown setting "datadirr" (settings file s.json): did you mean DataDir?`, `{"datadirr":"x"}`, "-c", "s.json")
	// Values.
	f(`setting RunInMemory: value "yes" (command line) is not true or false`, "", "--RunInMemory=yes")
	f(`is not a whole number of milliseconds from 10 to 600000`, "", "--Cluster.ElectionTimeoutInMs=0")
	f(`is not a whole number`, "", "--Cluster.ElectionTimeoutInMs=99999999999999999999")
	f(`is not one of None, Local, PrivateNetwork, PublicNetwork`, "", "--Security.UnsecuredAccessAllowed=Public")
	for _, url := range []string{
		"ftp://x:1", "127.0.0.1:80", "http://", "http://:80", "http://u@h:1", "http://h:1/p", "http://h:1?q", "http://h:1#f", "http://h:70000", "http://h:x",
	} {
		f("is not a URL such as http://127.0.0.1:8080", "", "--ServerUrl="+url)
	}
	f("is not a URL such as tcp://127.0.0.1:38888, or a port", "", "--ServerUrl.Tcp=http://h:1")
	f("is not at least one URL", "", "--ServerUrl=;")
	// TLS is never silently left out.
	f("ServerUrl=https://127.0.0.1:1 (command line) is refused: this version serves no TLS", "", "--ServerUrl=https://127.0.0.1:1")
	f("is refused: this version serves no TLS", "", "--ServerUrl=http://127.0.0.1:1; HTTPS://127.0.0.1:2")
	f("is refused: this version serves no TLS", "", "--PublicServerUrl=https://x")
	f("is refused: this version serves no TLS", "", "--Security.Certificate.Path=x.pfx")
	f("is refused: this version serves no TLS", "", "--Security.Certificate.Load.Exec=x")
	f("is refused: this version serves no TLS", "", "--Setup.Mode=letsencrypt")
	// Arguments.
	f(`argument "serve": settings are written --Key=Value`, "", "serve")
	f(`argument "-x": settings`, "", "-x")
	f(`argument "--": settings`, "", "--")
	f(`argument "--DataDir": needs a value`, "", "--DataDir")
	f(`argument "--DataDir": needs a value`, "", "--DataDir", "--RunInMemory")
	f(`argument "--config-path": needs a value`, "", "--config-path")
	// Files.
	f(`settings file other.json: file does not exist`, "", "-c", "other.json")
	for file, want := range map[string]string{
		``: "unexpected EOF", `[]`: "want a JSON object", `{"DataDir":"a","datadir":"b"}`: "stands there twice",
		`{"DataDir":"a"} x`: "there is more text", `{"":1}`: "want the name", `{"DataDir":["a",{}]}`: "want a list of plain values",
		`{"DataDir":`: "unexpected EOF", `{"DataDir":"a",}`: "invalid character", strings.Repeat(`{"a":`, 40): "nested more than 16",
		strings.Repeat(" ", 1<<20) + "{}": "is this the right file?",
	} {
		f(want, file, "-c", "s.json")
	}
}

func TestParse_MasksSecrets(t *testing.T) {
	c, _ := mustParse(t, []string{"--Security.Certificate.Password=hunter2", "--License=abc"}, nil, "")
	n := 0
	for e := range c.Entries() {
		if strings.Contains(e.Value, "hunter2") || strings.Contains(e.Value, "abc") {
			t.Errorf("%s shows %q", e.Key, e.Value)
		}
		if e.Value == "***" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d masked values, want 2", n)
	}
}

func TestParse_FileErrorKeepsItsCause(t *testing.T) {
	_, _, err := config.Parse([]string{"-c", "gone"}, nil, oneFile(""))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v, want one that wraps fs.ErrNotExist", err)
	}
}

func FuzzParse_File(f *testing.F) {
	for _, seed := range []string{`{}`, `{"DataDir":"x","ServerUrl":{"Tcp":1}}`, `{"a":[1,true,null]}`, "\uFEFF{", `{"Storage":{"X":1e9}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, _, err := config.Parse([]string{"-c", "s.json"}, nil, func(string) ([]byte, error) { return text, nil })
		if err != nil {
			if fault.Of(err) != fault.Invalid {
				t.Fatalf("kind of %v is %v, want invalid", err, fault.Of(err))
			}
			return
		}
		if len(c.ServerURLs) == 0 || len(c.TCPURLs) == 0 || c.DataDir == "" || c.ConcurrentLoads < 1 {
			t.Fatalf("accepted without an essential value: %+v", c)
		}
	})
}

func TestParse_MemoryIsFoundOutUnlessSet(t *testing.T) {
	if got, want := config.Defaults().Memory, (config.Memory{IdleFor: 15 * time.Second}); got != want {
		t.Errorf("Memory = %+v, want %+v", got, want)
	}
	c, _ := mustParse(t, []string{"--Memory.LimitInMb=512", "--Memory.LowMemoryLimitInMb=40", "--memory.givebackafteridleinsec=1"}, nil, "")
	if want := (config.Memory{LimitBytes: 512 << 20, LowBytes: 40 << 20, IdleFor: time.Second}); c.Memory != want {
		t.Errorf("Memory = %+v, want %+v", c.Memory, want)
	}
}
