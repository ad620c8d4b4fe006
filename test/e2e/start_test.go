package e2e_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"
)

// wantRefusal runs the binary with args and checks that it ends at once, with an error that says all of words.
func wantRefusal(t *testing.T, args []string, words ...string) {
	t.Helper()
	code, out := runToEnd(t, args...)
	if code <= 0 {
		t.Errorf("%s: got exit code %d, want an error\n%s", args, code, out)
	}
	for _, word := range words {
		if !strings.Contains(strings.ToLower(out), strings.ToLower(word)) {
			t.Errorf("%s: the error does not say %q:\n%s", args, word, out)
		}
	}
	if strings.Contains(out, "Server available on") || strings.Contains(out, "goroutine 1") {
		t.Errorf("%s: got started, or a panic:\n%s", args, out)
	}
}

func TestStart_RefusesASecondServerOnTheSameData(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir)
	s.createDatabase(t, "One")
	wantRefusal(t, serveArgs(dir), filepath.Base(dir))
	s.must(t, "GET", "/databases/One/stats", "") // the first one did not notice
	if code := s.terminate(t); code != 0 {
		t.Errorf("exit code: got %d", code)
	}
	startServer(t, dir) // and now it may
}

func TestStart_NamesTheSettingThatWasMeant(t *testing.T) {
	f := func(argument, meant string) {
		t.Helper()
		wantRefusal(t, append(serveArgs(t.TempDir()), argument), strings.TrimLeft(strings.SplitN(argument, "=", 2)[0], "-"), meant)
	}
	f("--DataDirr=x", "DataDir")
	f("--SererUrl=http://127.0.0.1:0", "ServerUrl")
	f("--RunInMemry=true", "RunInMemory")
}

func TestStart_RefusesValuesThatCannotBeMeant(t *testing.T) {
	f := func(argument string) {
		t.Helper()
		wantRefusal(t, append(serveArgs(t.TempDir()), argument), strings.TrimLeft(strings.SplitN(argument, "=", 2)[0], "-"))
	}
	f("--RunInMemory=perhaps")
	f("--ServerUrl=ftp://127.0.0.1:0")
}

func TestStart_RefusesToBeReachableFromOutsideUnlessToldTwice(t *testing.T) {
	args := slices.DeleteFunc(serveArgs(t.TempDir()), func(a string) bool { return strings.HasPrefix(a, "--ServerUrl=") })
	wantRefusal(t, append(args, "--ServerUrl=http://0.0.0.0:0"), "Security.UnsecuredAccessAllowed")

	s := startServer(t, t.TempDir(), "--ServerUrl=http://0.0.0.0:0", "--Security.UnsecuredAccessAllowed=PublicNetwork")
	if !strings.HasPrefix(s.url, "http://") {
		t.Errorf("address: got %s", s.url)
	}
}

// A directory written by a later version is left as it is: every byte.
func TestStart_RefusesDataOfANewerFormat(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir)
	s.createDatabase(t, "One")
	if code := s.terminate(t); code != 0 {
		t.Fatalf("exit code: got %d\n%s", code, s.text())
	}
	if n := raiseFormat(t, dir); n < 2 {
		t.Fatalf("found %d header files below %s, want at least 2", n, dir)
	}
	before := fingerprint(t, dir)
	wantRefusal(t, serveArgs(dir), "format")
	if diff := cmp.Diff(fingerprint(t, dir), before); diff != "" {
		t.Errorf("the refused directory was changed (-after +before):\n%s", diff)
	}
}

// raiseFormat writes a later version into every header file, with a checksum that agrees, and returns how many there are.
// The places of version and checksum are fixed for all versions; docs/format has them.
func raiseFormat(t *testing.T, dir string) int {
	t.Helper()
	const versionOff, checkOff, headerBytes = 8, 4088, 4096
	count := 0
	walk(t, dir, func(name string) {
		if !strings.HasPrefix(filepath.Base(name), "header.") {
			return
		}
		b, err := os.ReadFile(name)
		if err != nil || len(b) != headerBytes {
			t.Fatalf("read %s: %d bytes, %v", name, len(b), err)
		}
		binary.LittleEndian.PutUint32(b[versionOff:], 999)
		binary.LittleEndian.PutUint64(b[checkOff:], xxh3.Hash(b[:checkOff]))
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		count++
	})
	return count
}

// fingerprint returns a hash for each file below dir, but for lock files, which say nothing.
func fingerprint(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	walk(t, dir, func(name string) {
		if filepath.Base(name) == "lock" {
			return
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256(b)
		found[name] = hex.EncodeToString(hash[:])
	})
	return found
}

func walk(t *testing.T, dir string, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			visit(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestVersion_SaysWhatItIs(t *testing.T) {
	code, out := runToEnd(t, "version")
	if code != 0 || !regexp.MustCompile(`(?i)rookery.*go1\.`).MatchString(strings.ReplaceAll(out, "\n", " ")) {
		t.Errorf("got exit code %d and %q", code, out)
	}
}

func TestHealthcheck_SaysWhetherAServerAnswers(t *testing.T) {
	s := startServer(t, t.TempDir())
	if code, out := runToEnd(t, "healthcheck", "--url", s.url); code != 0 {
		t.Errorf("healthcheck of a running server: got exit code %d\n%s", code, out)
	}
	s.kill()
	if code, out := runToEnd(t, "healthcheck", "--url", s.url); code == 0 {
		t.Errorf("healthcheck of no server: got exit code 0\n%s", out)
	}
}

func TestCheck_FindsADamagedPage(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir)
	s.createDatabase(t, "One")
	for i := range 50 {
		s.must(t, "PUT", fmt.Sprintf("/databases/One/docs?id=docs/%d", i), `{"Text":"`+strings.Repeat("words ", 40)+`"}`)
	}
	if code := s.terminate(t); code != 0 {
		t.Fatalf("exit code: got %d", code)
	}
	if code, out := runToEnd(t, "check", dir); code != 0 {
		t.Fatalf("check of sound data: got exit code %d\n%s", code, out)
	}
	flipped := 0
	walk(t, dir, func(name string) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		at := strings.Index(string(b), "words words")
		if filepath.Base(name) != "data" || at < 0 {
			return
		}
		b[at] ^= 1
		flipped++
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if flipped == 0 {
		t.Fatal("no data file holds the text of the documents: the test has nothing to damage")
	}
	if code, out := runToEnd(t, "check", dir); code == 0 || !strings.Contains(out, "page") {
		t.Errorf("check of a damaged page: got exit code %d\n%s", code, out)
	}
}
