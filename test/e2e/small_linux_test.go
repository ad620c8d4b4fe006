package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallPackages are the suites that run on the small machine, in short mode.
var smallPackages = []string{"./internal/storage/...", "./internal/table/...", "./internal/docstore/...", "./internal/database/..."}

// The storage suite runs in a process that never has more memory than a small machine: the collector is told three quarters of
// it, and the system says afterwards how much it was at most. ROOKERY_SMALL_RUN may name a command that confines it for real, such
// as systemd-run with a limit; nothing here needs root.
func TestSmall_StorageSuiteWithinLittleMemory(t *testing.T) {
	if os.Getenv("ROOKERY_SMALL_MIB") == "" {
		t.Skip("set ROOKERY_SMALL_MIB, or use make small")
	}
	const root = "../.."
	limit := smallBytes(t)
	list := exec.Command("go", append([]string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}"}, smallPackages...)...)
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		name, dir, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found {
			continue
		}
		t.Run(path.Base(name), func(t *testing.T) {
			suite := buildSuite(t, name, root)
			peak := runWithin(t, limit, dir, suite, "-test.short", "-test.timeout=150s")
			if peak > limit {
				t.Errorf("%d MiB of memory at the peak, %d are allowed", peak>>20, limit>>20)
			}
			t.Logf("%d MiB at the peak", peak>>20)
		})
	}
}

// buildSuite compiles the tests of a package. Compiling takes more memory than the small machine has.
func buildSuite(t *testing.T, name, root string) string {
	t.Helper()
	suite := filepath.Join(t.TempDir(), "suite")
	build := exec.Command("go", "test", "-c", "-tags", "invariants", "-o", suite, name)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return suite
}

// runWithin runs a program with a limit for its collector, and returns the most memory that was resident. The system counts what
// this process had when it started the other one, so it must not be much.
func runWithin(t *testing.T, limit int64, dir string, args ...string) (peak int64) {
	t.Helper()
	args = append(strings.Fields(os.Getenv("ROOKERY_SMALL_RUN")), args...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMEMLIMIT=%d", limit/4*3))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%.8000s", err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system does not say how much memory it was")
	}
	return int64(usage.Maxrss) << 10 //nolint:unconvert // it is 32 bits wide in 32-bit programs
}
