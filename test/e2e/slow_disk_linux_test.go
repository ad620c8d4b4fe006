package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	throttledBytes = 8 << 10          // a second, to the disk
	stallingBytes  = 1 << 20          // of a document, which is many seconds then
	warningTime    = 20 * time.Second // far more than it takes to tell of a slow disk
	cachedReads    = 200              // documents that are read again and again
)

// throttle is a group of processes that write slowly to one disk.
type throttle struct{ dir, device string }

// newThrottle makes a group for the disk that holds dir; it has no limit yet. Where that is not allowed, the test is skipped.
func newThrottle(t *testing.T, dir string) throttle {
	t.Helper()
	var stat syscall.Stat_t
	if err := syscall.Stat(dir, &stat); err != nil {
		t.Fatal(err)
	}
	device := uint64(stat.Dev) //nolint:unconvert // its width is another one on some processors
	g := throttle{
		dir:    filepath.Join("/sys/fs/cgroup/blkio", "rookery-e2e-"+strconv.Itoa(os.Getpid())),
		device: fmt.Sprintf("%d:%d", unix.Major(device), unix.Minor(device)),
	}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		t.Skipf("no group of processes may be made here: %v", err)
	}
	t.Cleanup(func() {
		if err := os.Remove(g.dir); err != nil {
			t.Errorf("remove the group of processes: %v", err)
		}
	})
	if err := g.limit(throttledBytes); err != nil {
		t.Skipf("the disk %s cannot be made slow: %v", g.device, err)
	}
	return g
}

// limit sets how many bytes a second the group writes; 0 is no limit.
func (g throttle) limit(bytes int) error {
	return os.WriteFile(filepath.Join(g.dir, "blkio.throttle.write_bps_device"), fmt.Appendf(nil, "%s %d", g.device, bytes), 0)
}

// add takes a process into the group.
func (g throttle) add(pid int) error {
	return os.WriteFile(filepath.Join(g.dir, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0)
}

// While the disk hangs on a write, what is in memory is answered, and the server tells of the disk: in the log, and as a
// performance hint, before the write has ended. What it acknowledges in the end is there.
func TestServer_AnswersAndWarnsWhileTheDiskIsSlow(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	dir := t.TempDir()
	slow := newThrottle(t, dir)
	s := startServer(t, dir, "--Logs.Mode=Operations")
	s.createDatabase(t, "Peak")
	s.putBatch(t, 0, 0, cachedReads)
	fast := timeOf(func() { s.put(t, "before", "x") })
	if err := slow.add(s.cmd.Process.Pid); err != nil {
		t.Skipf("a process may not be taken into a group here: %v", err)
	}

	lift := func() { _ = slow.limit(0) }
	defer lift() // also when the test fails: a process that waits for the disk cannot be killed
	stall := time.Now()
	text := randomText(rand.New(rand.NewPCG(5, 0)), stallingBytes)
	written := make(chan time.Duration, 1)
	go func() { written <- timeOf(func() { s.put(t, "stalling", text) }) }()
	reads, logged, hinted := s.readWhileSlow(t, stall, written)
	lift()
	took := <-written
	if len(reads) == 0 || logged == 0 || hinted == 0 {
		t.Fatalf("%d reads while the disk was slow; told after %v in the log and %v as a hint\n%s", len(reads), logged, hinted, tail(s.text()))
	}
	slices.Sort(reads)
	t.Logf("writes: %v before, %v on the slow disk; %d cached reads meanwhile, p50 %v, p99 %v; told after %v in the log, %v as a hint",
		fast, took, len(reads), reads[len(reads)/2], reads[len(reads)*99/100], logged, hinted)
	s.kill()
	s = startServer(t, dir)
	if got, _ := loadFrom(t, s, "Peak", "stalling"); got != text {
		t.Errorf("what was written slowly: got %d bytes, want %d", len(got), len(text))
	}
}

// put stores one document.
func (s *server) put(t *testing.T, id, value string) {
	t.Helper()
	a, err := s.request(t.Context(), "PUT", "/databases/Peak/docs?id="+id, fmt.Sprintf(`{"V":%q}`, value))
	if err != nil || a.status != 201 {
		t.Errorf("PUT %s: %v, status %d: %.300s", id, err, a.status, a.body)
	}
}

// readWhileSlow reads until the server has told of the slow disk in both ways, and returns how long reads took, and when it told.
// When the write has ended before that, it says so by an error.
func (s *server) readWhileSlow(t *testing.T, stall time.Time, written chan time.Duration) (reads []time.Duration, logged, hinted time.Duration) {
	t.Helper()
	for i := 0; (logged == 0 || hinted == 0) && time.Since(stall) < warningTime; i++ {
		reads = append(reads, timeOf(func() { s.must(t, "GET", fmt.Sprintf("/databases/Peak/docs?id=small/0-0-%d", i%cachedReads), "") }))
		if logged == 0 && strings.Contains(s.text(), "disk operation hangs") {
			logged = time.Since(stall)
		}
		hints := s.must(t, "GET", "/databases/Peak/debug/performance-hints", "")
		if hinted == 0 && strings.Contains(string(hints.body), `"SlowIO"`) {
			hinted = time.Since(stall)
		}
		if len(written) > 0 {
			t.Error("the write ended before the server told of the slow disk")
			return reads, logged, hinted
		}
	}
	return reads, logged, hinted
}

func timeOf(act func()) time.Duration {
	start := time.Now()
	act()
	return time.Since(start).Round(10 * time.Microsecond)
}
