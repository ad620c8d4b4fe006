//go:build unix

package keyring_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
)

// TestProgram_IsStoppedWithItsChildren: a script that waits for another program leaves nothing running.
func TestProgram_IsStoppedWithItsChildren(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\nsleep 600 &\necho $! > " + dir + "/child\nwait\n"
	if err := os.WriteFile(dir+"/keeper", []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	o := options(newDisk(t))
	o.Master = keyring.Master{Program: dir + "/keeper", Timeout: 500 * time.Millisecond}
	wantReason(t, open(t, o).Ready(t.Context()), keyring.TimedOut, fault.Unavailable)
	text, err := os.ReadFile(dir + "/child")
	if err != nil {
		t.Skipf("the script did not come that far: %v", err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	patience := time.After(10 * time.Second) // being killed takes a moment
	for look := time.NewTicker(5 * time.Millisecond); !isDead(child); {
		select {
		case <-look.C:
		case <-patience:
			t.Fatalf("process %d still runs", child)
		}
	}
}

// isDead says whether the process has ended and only waits to be asked for its status.
func isDead(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false // not here any more, or a system without /proc
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z") || strings.HasPrefix(rest, "X")
}
