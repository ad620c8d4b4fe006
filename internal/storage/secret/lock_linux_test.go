package secret_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"golang.org/x/sys/unix"
)

// mappingFlags returns the kernel's two-letter flags of the mapping that b lies in.
func mappingFlags(t *testing.T, b []byte) string {
	t.Helper()
	flags := flagsOf(t, uintptr(unsafe.Pointer(unsafe.SliceData(b))))
	if flags == "" {
		t.Fatal("the memory is in no mapping")
	}
	return flags
}

func flagsOf(t *testing.T, address uintptr) string {
	t.Helper()
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skipf("no view of our own mappings: %v", err)
	}
	defer maps.Close()
	inside := false
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			inside = from <= address && address < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			return flags + " "
		}
	}
	return ""
}

func TestMemory_IsLockedAndLeftOutOfDumps(t *testing.T) {
	a, s := newArena(t), sealed(t)
	b := take(t, a, frame)
	defer a.Give(b)
	key, _ := s.Memory()
	for name, memory := range map[string][]byte{"frame": b, "key": key} {
		flags := mappingFlags(t, memory)
		if !strings.Contains(flags, " dd ") {
			t.Errorf("%s: would be in a core dump:%s", name, flags)
		}
		if got, want := strings.Contains(flags, " lo "), s.Locked() && a.Stats().LockedBytes > 0; got != want {
			t.Errorf("%s: locked is %v, we say %v:%s", name, got, want, flags)
		}
	}
}

// TestSealed_ThatNobodyRefersToIsDestroyed: who forgets Destroy, or cannot know when the last user ends, leaves no key behind.
func TestSealed_ThatNobodyRefersToIsDestroyed(t *testing.T) {
	address := func() uintptr {
		s, err := secret.Seal(newKey(), padding(), secret.Options{})
		if err != nil {
			t.Fatal(err)
		}
		memory, _ := s.Memory()
		return uintptr(unsafe.Pointer(unsafe.SliceData(memory)))
	}()
	for range 1000 { // the collector destroys behind our back, so it takes a few rounds
		runtime.GC()
		if !strings.Contains(flagsOf(t, address), " dd ") {
			return
		}
	}
	t.Error("its memory is still there")
}

// TestMemory_ThatCannotBeLocked runs the tests below, each in a process that may lock little or nothing.
func TestMemory_ThatCannotBeLocked(t *testing.T) {
	for _, name := range []string{"TestChild_WorksOnWithoutLocks", "TestChild_RefusesWhenItMustLock", "TestChild_LeavesHeadroomForKeys"} {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$", "-test.v")
		child.Env = append(os.Environ(), "ROOKERY_TEST_LOCK=little")
		out, err := child.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: "+name) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// lockAtMost bounds the memory that this process may lock, and takes away root's right to ignore that. Rights are those of a
// thread, so the test keeps to one.
func lockAtMost(t *testing.T, bytes uint64) {
	t.Helper()
	if os.Getenv("ROOKERY_TEST_LOCK") != "little" {
		t.Skip("runs in a child process")
	}
	runtime.LockOSThread()
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		t.Fatal(err)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var rights [2]unix.CapUserData
	if err := unix.Capget(&header, &rights[0]); err != nil {
		t.Fatal(err)
	}
	rights[unix.CAP_IPC_LOCK/32].Effective &^= 1 << (unix.CAP_IPC_LOCK % 32)
	if err := unix.Capset(&header, &rights[0]); err != nil {
		t.Fatal(err)
	}
}

func TestChild_WorksOnWithoutLocks(t *testing.T) {
	lockAtMost(t, 0)
	a, s := newArena(t), sealed(t)
	b := take(t, a, frame)
	defer a.Give(b)
	if got := a.Stats(); got.LockedBytes != 0 || got.LockFailures != 1 || got.Bytes != secret.ChunkBytes {
		t.Errorf("%+v", got)
	}
	if *s.Open() != *newKey() || s.Locked() {
		t.Errorf("locked is %v", s.Locked())
	}
	s.Close()
}

func TestChild_RefusesWhenItMustLock(t *testing.T) {
	lockAtMost(t, 0)
	a := secret.NewArena(secret.Options{MustLock: true})
	defer a.Close()
	_, takeErr := a.Take(frame)
	key := newKey()
	_, sealErr := secret.Seal(key, padding(), secret.Options{MustLock: true})
	for _, err := range []error{takeErr, sealErr} {
		var lock *secret.LockError
		if !errors.As(err, &lock) || fault.Of(err) != fault.Unavailable || lock.Bytes == 0 {
			t.Fatalf("got %v, want *LockError", err)
		}
		for _, hint := range []string{"ulimit -l", "LimitMEMLOCK", "Security.DoNotConsiderMemoryLockFailureAsCatastrophicError"} {
			if !strings.Contains(err.Error(), hint) {
				t.Errorf("%v: does not speak of %s", err, hint)
			}
		}
	}
	if got := a.Stats(); got != (secret.Stats{LockFailures: 1}) {
		t.Errorf("%+v", got)
	}
	if *key != [secret.KeyBytes]byte{} {
		t.Errorf("left %x", *key)
	}
}

// TestChild_LeavesHeadroomForKeys: pages in clear never take all that may be locked, so that one more database can be opened.
func TestChild_LeavesHeadroomForKeys(t *testing.T) {
	lockAtMost(t, 2*secret.ChunkBytes+100<<10) // two chunks fit, and would leave too little
	a := newArena(t)
	for range 4 {
		defer a.Give(take(t, a, secret.ChunkBytes))
	}
	if got := a.Stats(); got.Bytes != 4*secret.ChunkBytes || got.LockedBytes != secret.ChunkBytes || got.LockFailures != 3 {
		t.Errorf("%+v", got)
	}
	for range 60 {
		s, err := secret.Seal(newKey(), padding(), secret.Options{MustLock: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Destroy()
	}
}
