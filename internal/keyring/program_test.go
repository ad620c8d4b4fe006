package keyring_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
)

// TestMain lets the test binary be the program that keeps the master key: the first argument says how it behaves.
func TestMain(m *testing.M) {
	if os.Getenv("ROOKERY_TEST_KEEPER") == "" {
		os.Exit(m.Run())
	}
	os.Exit(keeper(os.Args[1:]))
}

// keeper prints a master key, or does one of the things that programs do instead.
func keeper(args []string) int {
	asked, _ := io.ReadAll(os.Stdin)
	key := numbered(9)
	if file := os.Getenv("ROOKERY_TEST_KEEPER"); file != "yes" { // somebody counts how often we run
		f, _ := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		fmt.Fprintln(f, "ran")
		f.Close()
	}
	switch args[0] {
	case "raw":
		fmt.Fprintf(os.Stdout, "%s", key[:])
	case "text":
		fmt.Fprintln(os.Stdout, encoded(key))
	case "asked": // good only for the right question
		if string(asked) != `{"Version":1,"Operation":"LoadMasterKey"}`+"\n" || strings.Join(args, "|") != "asked|two words|three" {
			fmt.Fprintf(os.Stderr, "asked %q with %q", asked, args)
			return 1
		}
		fmt.Fprintf(os.Stdout, "%s", key[:])
	case "failing":
		fmt.Fprint(os.Stderr, strings.Repeat("noise ", 500), "\n\x1b[31mvault\tis sealed\n")
		fmt.Fprintln(os.Stdout, encoded(key)) // not taken from a program that failed
		return 3
	case "slow":
		fmt.Fprintf(os.Stdout, "%s", key[:]) // not taken from one that does not end
		<-time.After(time.Hour)
	case "garbage":
		fmt.Fprint(os.Stdout, strings.Repeat("?", 44))
	case "short":
		fmt.Fprintf(os.Stdout, "%s", key[:31])
	case "long":
		fmt.Fprintf(os.Stdout, "%s\x00", key[:])
	case "endless":
		for {
			if _, err := fmt.Fprintln(os.Stdout, "y"); err != nil {
				return 1
			}
		}
	}
	return 0
}

// withProgram is options with a program that behaves as arguments say.
func withProgram(t *testing.T, arguments string) keyring.Options {
	t.Helper()
	t.Setenv("ROOKERY_TEST_KEEPER", "yes")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := options(newDisk(t))
	o.Master = keyring.Master{Program: self, Arguments: arguments}
	return o
}

func TestProgram_GivesTheKey(t *testing.T) {
	for _, arguments := range []string{"raw", "text", `asked "two words" three`} {
		o := withProgram(t, arguments)
		key := create(t, open(t, o), database("a", idA))
		wantKey(t, open(t, withText(o.FS, numbered(9))), database("a", idA), key)
	}
}

func TestProgram_ThatGivesNone(t *testing.T) {
	f := func(arguments string, reason keyring.Reason, kind fault.Kind, words ...string) {
		t.Helper()
		o := withProgram(t, arguments)
		err := open(t, o).Ready(t.Context())
		wantReason(t, err, reason, kind, append(words, "program")...)
		if strings.Contains(err.Error(), encoded(numbered(9))) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("the message shows what it must not: %q", err)
		}
		if len(err.Error()) > 2000 {
			t.Errorf("a message of %d bytes", len(err.Error()))
		}
	}
	f("failing", keyring.Failed, fault.Unavailable, "exit status 3", "it said: ", "vault is sealed")
	f("garbage", keyring.NotBase64, fault.Invalid)
	f("short", keyring.TooShort, fault.Invalid, "31 bytes")
	f("long", keyring.WrongLength, fault.Invalid, "33 bytes")
	f("endless", keyring.TooLong, fault.Invalid, "1024 bytes or more")
	f("silent", keyring.TooShort, fault.Invalid, "0 bytes")
}

func TestProgram_ThatTakesTooLong(t *testing.T) {
	o := withProgram(t, "slow")
	o.Master.Timeout = 300 * time.Millisecond
	wantReason(t, open(t, o).Ready(t.Context()), keyring.TimedOut, fault.Unavailable, "Security.MasterKey.Exec.TimeoutInSec")
}

func TestProgram_ThatIsNotThere(t *testing.T) {
	o := options(newDisk(t))
	o.Master = keyring.Master{Program: "/no/such/program"}
	wantReason(t, open(t, o).Ready(t.Context()), keyring.CannotStart, fault.Unavailable, "/no/such/program", "no such file")
}

// TestProgram_RunsOnce: not for each database, and after a failure not again at once.
func TestProgram_RunsOnce(t *testing.T) {
	runs := func(file string) int {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), "ran")
	}
	o := withProgram(t, "raw")
	file := t.TempDir() + "/runs"
	t.Setenv("ROOKERY_TEST_KEEPER", file)
	k := open(t, o)
	for _, name := range []string{"a", "b", "c"} {
		key := create(t, k, database(name, idA))
		wantKey(t, k, database(name, idA), key)
	}
	if got := runs(file); got != 1 {
		t.Errorf("ran %d times for three databases", got)
	}

	o = withProgram(t, "failing")
	file = t.TempDir() + "/runs"
	t.Setenv("ROOKERY_TEST_KEEPER", file)
	c := newClock()
	o.Now = func() time.Time { return c.now }
	k = open(t, o)
	for range 5 {
		wantReason(t, k.Ready(t.Context()), keyring.Failed, fault.Unavailable)
	}
	if got := runs(file); got != 1 {
		t.Errorf("ran %d times after a failure", got)
	}
	c.now = c.now.Add(10 * time.Second)
	wantReason(t, k.Ready(t.Context()), keyring.Failed, fault.Unavailable)
	if got := runs(file); got != 2 {
		t.Errorf("ran %d times, ten seconds later", got)
	}
}

func TestSplitArguments(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, keyring.SplitArguments(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	f("")
	f("  \t ")
	f("get  key ", "get", "key")
	f(`--file="C:\Program Files\key" 'it is' ""`, `--file=C:\Program Files\key`, "it is", "")
	f(`a"b c"d`, "ab cd")
	f(`"it's"`, "it's")
	f(`"not ended`, "not ended")
}
