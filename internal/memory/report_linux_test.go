package memory_test

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/rookerydb/rookery/internal/memory"
	"golang.org/x/sys/unix"
)

// The parts explain what the system counts within a tenth: with a heap peak, with a mapped file that was read, and after
// memory was given back.
func TestReport_ExplainsWhatIsResident(t *testing.T) {
	root, dir := os.DirFS("/"), t.TempDir()
	if memory.ReportNow(root, dir, 0).ResidentBytes == 0 {
		t.Skip("this system does not list mappings")
	}
	if raceEnabled {
		t.Skip("the race detector keeps memory of its own, as large as the heap")
	}
	wantExplained := func(when string) memory.Report {
		t.Helper()
		r := memory.ReportNow(root, dir, 0)
		if off := r.ExplainedBytes() - r.ResidentBytes; off > r.ResidentBytes/10 || off < -r.ResidentBytes/10 {
			t.Errorf("%s: the parts explain %d of %d bytes: %+v", when, r.ExplainedBytes(), r.ResidentBytes, r)
		}
		return r
	}
	const fileBytes, heapBytes = 32 << 20, 96 << 20
	name := filepath.Join(dir, "data")
	if err := os.WriteFile(name, make([]byte, fileBytes), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	mapped, err := unix.Mmap(int(file.Fd()), 0, fileBytes, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(mapped) }()
	for i := 0; i < fileBytes/2; i += 4096 { // half of it is read
		sink = append(sink[:0], mapped[i])
	}
	keep := make([][]byte, heapBytes>>16)
	for i := range keep {
		keep[i] = make([]byte, 1<<16)
		for at := 0; at < len(keep[i]); at += 4096 {
			keep[i][at] = 1
		}
	}
	peak := wantExplained("at the peak")
	if peak.HeapInUseBytes < heapBytes || peak.DataMappedBytes != fileBytes ||
		peak.DataResidentBytes < fileBytes/2 || len(peak.Files) != 1 || peak.Files[0].Path != name {
		t.Errorf("at the peak: %+v", peak)
	}
	runtime.KeepAlive(keep)
	clear(keep)
	runtime.GC()
	if free := wantExplained("after a collection"); free.HeapIdleBytes+free.HeapReturnedBytes < heapBytes/10*9 {
		t.Errorf("after a collection: %+v", free)
	}
	debug.FreeOSMemory()
	after := memory.ReportNow(root, dir, 0)
	if fallen := peak.ResidentBytes - after.ResidentBytes; fallen < heapBytes/10*9 {
		t.Errorf("resident fell by %d bytes: %+v", fallen, after)
	}
	if after.HeapReturnedBytes < heapBytes/10*9 {
		t.Errorf("given back: %+v", after)
	}
}
