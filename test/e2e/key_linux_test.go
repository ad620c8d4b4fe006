package e2e_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEncrypted_IdleServerHasNoKeyInMemory looks through all memory of a server that has used its keys and now has nothing to do.
func TestEncrypted_IdleServerHasNoKeyInMemory(t *testing.T) {
	dir := t.TempDir()
	stop(t, startServer(t, dir))
	key := mustRun(t, "", nil, "key", "generate")
	mustRun(t, key, nil, "key", "store", "Secret", "--DataDir="+dir)
	master, err := os.ReadFile(filepath.Join(dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	// a signal that interrupts copying leaves the registers of that moment in the frame of its handler
	t.Setenv("GODEBUG", "asyncpreemptoff=1")
	s := startServer(t, dir, encrypting...)
	createSecret(t, s, "Secret")
	wantSecret(t, s, "Secret")
	// an operation that opens no keys, so that the transaction before has ended
	s.must(t, "GET", "/build/version", "")
	for name, text := range map[string]string{"database key": key, "master key": string(master)} {
		text = strings.TrimSpace(text)
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		for form, word := range map[string]string{"raw": string(raw), "base64": text} {
			if found := inMemoryOf(t, s.cmd.Process.Pid, word); found != "" {
				t.Errorf("the %s, %s, is in %s", name, form, found)
			}
		}
	}
	if inMemoryOf(t, s.cmd.Process.Pid, "DatabaseDoesNotExistException") == "" {
		t.Error("the search does not find what is there: it is worth nothing")
	}
	stop(t, s)
}

// inMemoryOf returns the mapping of the process that holds word; empty when none does.
func inMemoryOf(t *testing.T, pid int, word string) string {
	t.Helper()
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Skipf("no view of other processes: %v", err)
	}
	defer maps.Close()
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Skipf("no view of other processes: %v", err)
	}
	defer memory.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to int64
		var rights string
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights); n != 3 || rights[0] != 'r' || to-from > 1<<30 {
			continue
		}
		piece := make([]byte, to-from)
		if n, _ := memory.ReadAt(piece, from); strings.Contains(string(piece[:n]), word) {
			return lines.Text()
		}
	}
	return ""
}
