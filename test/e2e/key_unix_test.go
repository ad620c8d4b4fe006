//go:build unix

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keeper writes a program that is asked for the master key.
func keeper(t *testing.T, script string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "keeper")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return "--Security.MasterKey.Exec=" + name
}

// TestMasterKey_FromAProgram: with the program the database is there; without a good answer it alone is not, and the reason is told.
func TestMasterKey_FromAProgram(t *testing.T) {
	dir := t.TempDir()
	key := strings.TrimSpace(mustRun(t, "", nil, "key", "generate"))
	good := keeper(t, `[ "$1" = production ] && grep -q LoadMasterKey && echo `+key)
	arguments := "--Security.MasterKey.Exec.Arguments=production"
	s := startServer(t, dir, append([]string{good, arguments}, encrypting...)...)
	createSecret(t, s, "Secret")
	s.createDatabase(t, "Plain")
	stop(t, s)
	if _, err := os.Stat(filepath.Join(dir, "master.key")); err == nil {
		t.Error("a master key was made beside the program's")
	}
	s = startServer(t, dir, good, arguments)
	wantSecret(t, s, "Secret")
	stop(t, s)

	f := func(script string, words ...string) {
		t.Helper()
		s := startServer(t, dir, keeper(t, script), "--Security.MasterKey.Exec.TimeoutInSec=1")
		s.must(t, "GET", "/databases/Plain/stats", "")
		a, err := s.request(t.Context(), "GET", "/databases/Secret/docs?id=a", "")
		if err != nil || a.status != 503 {
			t.Errorf("%s: status %d, %v", script, a.status, err)
		}
		for _, word := range words {
			if !strings.Contains(string(a.body), word) {
				t.Errorf("%s: does not say %q: %s", script, word, a.body)
			}
		}
		if strings.Contains(string(a.body)+s.text(), key) {
			t.Errorf("%s: the key is shown: %s", script, a.body)
		}
		stop(t, s)
	}
	f("echo vault is sealed >&2; exit 3", "exit status 3", "vault is sealed")
	f("exec sleep 60", "did not end in time")
	f("echo not a key", "too few")
	f("yes", "too many")
	f("echo "+strings.Repeat("+", 43), "no key")
	f("echo "+strings.Repeat("?", 44), "not base64")
	f("echo AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "wrapped under master key")
}

// TestMasterKey_ThatOthersMayReadIsRefused, and so is one that is lost.
func TestMasterKey_ThatOthersMayReadIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir, encrypting...)
	createSecret(t, s, "Secret")
	stop(t, s)
	master := filepath.Join(dir, "master.key")
	if err := os.Chmod(master, 0o644); err != nil {
		t.Fatal(err)
	}
	f := func(word string) {
		t.Helper()
		s := startServer(t, dir)
		if a, err := s.request(t.Context(), "GET", "/databases/Secret/stats", ""); err != nil || a.status != 503 || !strings.Contains(string(a.body), word) {
			t.Errorf("%d %s, %v", a.status, a.body, err)
		}
		stop(t, s)
	}
	f("chmod 600")
	if err := os.Remove(master); err != nil {
		t.Fatal(err)
	}
	f("put the key back")
	if _, err := os.Stat(master); err == nil {
		t.Error("a new master key was made in the place of the lost one")
	}
}
