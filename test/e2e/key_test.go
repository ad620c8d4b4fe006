package e2e_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// encrypting lets a server make encrypted databases: it has no TLS, and the machine may not let us lock memory.
var encrypting = []string{
	"--Security.UnsecuredEncryption.Allowed=true", "--Security.DoNotConsiderMemoryLockFailureAsCatastrophicError=true",
}

const marker = "Clark Kent is Superman"

// runWith runs the binary with standard input and settings of the environment, and returns exit code, standard output and error.
func runWith(t *testing.T, input string, env []string, args ...string) (code int, out, errors string) {
	t.Helper()
	cmd := command(t, args...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(startTime, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// mustRun is runWith that must succeed, and returns standard output.
func mustRun(t *testing.T, input string, env []string, args ...string) string {
	t.Helper()
	code, out, errors := runWith(t, input, env, args...)
	if code != 0 {
		t.Fatalf("%q: exit code %d\n%s%s", args, code, out, errors)
	}
	return out
}

// createSecret makes an encrypted database with one document.
func createSecret(t *testing.T, s *server, name string) {
	t.Helper()
	s.must(t, "PUT", "/admin/databases?name="+name, `{"Encrypted":true}`)
	s.must(t, "PUT", "/databases/"+name+"/docs?id=a", `{"Secret":"`+marker+`"}`)
}

func wantSecret(t *testing.T, s *server, name string) {
	t.Helper()
	if a := s.must(t, "GET", "/databases/"+name+"/docs?id=a", ""); !bytes.Contains(a.body, []byte(marker)) {
		t.Errorf("%s: got %s", name, a.body)
	}
}

func stop(t *testing.T, s *server) {
	t.Helper()
	if code := s.terminate(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, s.text())
	}
}

// filesWith names the files below dir that hold word.
func filesWith(t *testing.T, dir string, word []byte) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if bytes.Contains(content, word) {
			found = append(found, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func isKey(text string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(text, "\n"))
	return err == nil && len(key) == 32
}

// TestKey_OfADatabaseGoesToASafeAndBack: the key is printed on demand, and puts a database right whose key file is lost.
func TestKey_OfADatabaseGoesToASafeAndBack(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir, encrypting...)
	createSecret(t, s, "Secret")
	data := "--DataDir=" + dir
	if code, _, said := runWith(t, "", nil, "key", "print", "Secret", "--yes-show", data); code != 1 || !strings.Contains(said, "is used by another server") {
		t.Errorf("while a server runs: %d %s", code, said)
	}
	stop(t, s)
	if found := filesWith(t, dir, []byte(marker)); found != nil {
		t.Errorf("in the clear in %q", found)
	}

	if code, out, said := runWith(t, "", nil, "key", "print", "Secret", data); code != 2 || out != "" || !strings.Contains(said, "--yes-show") {
		t.Errorf("without saying that it is meant: %d %s%s", code, out, said)
	}
	key := mustRun(t, "", nil, "key", "print", "Secret", "--yes-show", data)
	if !isKey(key) {
		t.Fatalf("printed %q", key)
	}
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	for _, word := range [][]byte{raw, []byte(strings.TrimSpace(key))} {
		if found := filesWith(t, dir, word); found != nil {
			t.Errorf("the key is in the clear in %q", found)
		}
	}

	if err := os.Remove(filepath.Join(dir, "Databases", "secret", "key")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, key, nil, "key", "store", "Secret", data)
	other := mustRun(t, "", nil, "key", "generate")
	if code, _, said := runWith(t, other, nil, "key", "store", "Secret", data); code != 1 || !strings.Contains(said, "has a key already") {
		t.Errorf("another key over it: %d %s", code, said)
	}
	s = startServer(t, dir)
	wantSecret(t, s, "Secret")
	stop(t, s)
	if out := mustRun(t, "", nil, "check", dir); !strings.Contains(out, "0 problems") {
		t.Errorf("check: %s", out)
	}
	mustRun(t, "", nil, "compact", dir, "Secret")
	if found := filesWith(t, dir, []byte(marker)); found != nil {
		t.Errorf("after compacting, in the clear in %q", found)
	}
	saved := filepath.Join(t.TempDir(), "out")
	mustRun(t, key, nil, "salvage", "--key-file", "-", filepath.Join(dir, "Databases", "secret"), saved)
	if filesWith(t, saved, []byte(marker)) == nil {
		t.Error("salvage with the printed key finds nothing")
	}
	s = startServer(t, dir)
	wantSecret(t, s, "Secret")
	stop(t, s)
}

func TestKey_StoredBeforeItsDatabase(t *testing.T) {
	dir := t.TempDir()
	stop(t, startServer(t, dir))
	data := "--DataDir=" + dir
	key := mustRun(t, "", nil, "key", "generate")
	if !isKey(key) || key == mustRun(t, "", nil, "key", "generate") {
		t.Fatalf("generated %q", key)
	}
	mustRun(t, key, nil, "key", "store", "Secret", data)
	s := startServer(t, dir, encrypting...)
	createSecret(t, s, "Secret")
	stop(t, s)
	if got := mustRun(t, "", nil, "key", "print", "Secret", "--yes-show", data); got != key {
		t.Error("the database has another key than was stored for it")
	}
}

func TestKey_Rotate(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir, encrypting...)
	createSecret(t, s, "One")
	createSecret(t, s, "Two")
	stop(t, s)
	master := filepath.Join(dir, "master.key")
	before, err := os.ReadFile(master)
	if err != nil || !isKey(string(before)) {
		t.Fatalf("%q, %v", before, err)
	}
	mustRun(t, "", nil, "key", "rotate", "--DataDir="+dir)
	after, err := os.ReadFile(master)
	if err != nil || !isKey(string(after)) || bytes.Equal(before, after) {
		t.Fatalf("%v, or the same master key", err)
	}
	s = startServer(t, dir)
	wantSecret(t, s, "One")
	wantSecret(t, s, "Two")
	stop(t, s)
	// the old one is good for nothing any more
	if err := os.WriteFile(master, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := runToEnd(t, "key", "print", "One", "--yes-show", "--DataDir="+dir); code == 0 || !strings.Contains(out, "wrapped under master key") {
		t.Errorf("%d %s", code, out)
	}
}

// TestKey_RotateWhereOthersKeepTheMasterKey: from one in the environment to one in a file, over a time in which both do.
func TestKey_RotateWhereOthersKeepTheMasterKey(t *testing.T) {
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "next.key")
	old, next := strings.TrimSpace(mustRun(t, "", nil, "key", "generate")), mustRun(t, "", nil, "key", "generate")
	if err := os.WriteFile(file, []byte(next), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROOKERY_MASTER_KEY", old)
	s := startServer(t, dir, encrypting...)
	createSecret(t, s, "Secret")
	stop(t, s)
	if found := filesWith(t, dir, []byte(old)); found != nil {
		t.Errorf("the master key is in %q", found)
	}
	data := "--DataDir=" + dir
	if code, out := runToEnd(t, "key", "rotate", data); code != 2 || !strings.Contains(out, "--to FILE") {
		t.Errorf("%d %s", code, out)
	}
	mustRun(t, "", nil, "key", "rotate", "--to", file, data)
	s = startServer(t, dir)
	wantSecret(t, s, "Secret")
	stop(t, s)

	t.Setenv("ROOKERY_MASTER_KEY", "")
	named := "--Security.MasterKey.Path=" + file
	s = startServer(t, dir, named)
	wantSecret(t, s, "Secret")
	stop(t, s)
	mustRun(t, "", nil, "key", "rotate", "--finish", data, named)
	s = startServer(t, dir, named)
	wantSecret(t, s, "Secret")
	stop(t, s)
	if code, _, said := runWith(t, "", []string{"ROOKERY_MASTER_KEY=" + old}, "key", "print", "Secret", "--yes-show", data); code == 0 || !strings.Contains(said, "wrapped under master key") {
		t.Errorf("the old master key: %d %s", code, said)
	}
}

func TestKey_RefusesCallsThatMakeNoSense(t *testing.T) {
	dir := t.TempDir()
	f := func(args []string, words ...string) {
		t.Helper()
		wantRefusal(t, args, words...)
	}
	f([]string{"key", "print"}, "want 1 arguments")
	f([]string{"key", "print", "a", "b"}, "want 1 arguments")
	f([]string{"key", "rotate", "--to"}, "--to needs a value")
	f([]string{"key", "print", "a", "--yes-show", "--DataDirr=x"}, "DataDir")
	f([]string{"key", "print", "a", "--yes-show", "--DataDir=" + filepath.Join(dir, "nothing")}, "no data directory")
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("a look made %v, %v", entries, err)
	}
	f([]string{"key", "unknown"}, "unknown")
}
