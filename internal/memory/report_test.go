package memory_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/memory"
)

// someMaps are a program, its heap, a data file mapped in two parts, one of them written to privately, and a stack.
const someMaps = `00400000-00a00000 r-xp 00000000 fe:00 100                                /opt/rookery
Size:               6144 kB
KernelPageSize:        4 kB
Rss:                2048 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me sd
00a00000-00b00000 rw-p 00600000 fe:00 100                                /opt/rookery
Size:               1024 kB
Rss:                 100 kB
Anonymous:            60 kB
c000000000-c004000000 rw-p 00000000 00:00 0                              [anon: Go: heap]
Size:              65536 kB
Rss:               30000 kB
Anonymous:         30000 kB
7f0000000000-7f0000100000 r--s 00000000 fe:00 200                        /data/Databases/a b/data
Size:               1024 kB
Rss:                 512 kB
Anonymous:             0 kB
7f0000100000-7f0000200000 rw-p 00100000 fe:00 200                        /data/Databases/a b/data
Size:               1024 kB
Rss:                  40 kB
Anonymous:             8 kB
7f0000200000-7f0000300000 r--p 00000000 fe:00 300                        /usr/lib/locale
Size:               1024 kB
Rss:                  16 kB
Anonymous:             0 kB
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
Size:                132 kB
Rss:                  20 kB
Anonymous:            20 kB
`

func TestReport_AddsUpMappings(t *testing.T) {
	got := memory.ReportOf(someMaps, "/data")
	want := memory.Report{
		ResidentBytes: (2048 + 100 + 30000 + 512 + 40 + 16 + 20) << 10, AnonymousBytes: (60 + 30000 + 8 + 20) << 10,
		DataResidentBytes: (512 + 32) << 10, DataMappedBytes: 2048 << 10,
		BinaryResidentBytes: (2048 + 40) << 10, OtherResidentBytes: 16 << 10,
		Files: []memory.File{{Path: "/data/Databases/a b/data", MappedBytes: 2048 << 10, ResidentBytes: 544 << 10}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(- want, + got):\n%s", diff)
	}
	other := memory.ReportOf(strings.ReplaceAll(someMaps, "/data/", "/database/"), "/data")
	if other.DataMappedBytes != 0 {
		t.Errorf("a directory whose name only begins alike: %+v", other)
	}
}

func TestReport_TellsOfTheRuntime(t *testing.T) {
	r := memory.ReportNow(os.DirFS("/"), t.TempDir(), 123)
	if r.HeapInUseBytes <= 0 || r.StackBytes <= 0 || r.CollectorBytes <= 0 || r.OffHeapBytes != 123 {
		t.Errorf("%+v", r)
	}
	if sum := r.ExplainedBytes(); sum < r.HeapInUseBytes+r.StackBytes+r.CollectorBytes {
		t.Errorf("explained %d of %+v", sum, r)
	}
}

func FuzzReport_ReadsAnyText(f *testing.F) {
	f.Add(someMaps)
	f.Add("1-2\nRss: x kB\nSize:\n:\n - ")
	f.Fuzz(func(t *testing.T, smaps string) {
		if len(smaps) > 1<<16 {
			return
		}
		if r := memory.ReportOf(smaps, "/data"); len(r.Files) > 256 {
			t.Errorf("%d files", len(r.Files))
		}
	})
}
