package memory_test

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rookerydb/rookery/internal/memory"
)

// tree makes a file system of names and texts.
func tree(files map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

const (
	meminfo = "MemTotal:       16000000 kB\nMemFree:          400000 kB\nMemAvailable:    8000000 kB\n"
	mountV2 = "29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
	mountV1 = "33 31 0:30 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n" +
		"36 31 0:33 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
	unlimitedV1 = "9223372036854771712\n"
	gib         = 1 << 30
)

func TestLook_FindsTheLeastLimit(t *testing.T) {
	f := func(name string, files map[string]string, bytes int64, source memory.Source) {
		t.Helper()
		if got := memory.Look(tree(files)).Limit(); got.Bytes != bytes || got.Source != source {
			t.Errorf("%s: %d from %v, want %d from %v", name, got.Bytes, got.Source, bytes, source)
		}
	}
	const machine = 16000000 << 10
	f("no groups", map[string]string{"proc/meminfo": meminfo}, machine, memory.Physical)
	f("version 2", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "0::/app\n", "proc/self/mountinfo": mountV2,
		"sys/fs/cgroup/app/memory.max": "536870912\n",
	}, 512<<20, memory.CgroupV2)
	f("version 2, the group above is tighter", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "0::/slice/app\n", "proc/self/mountinfo": mountV2,
		"sys/fs/cgroup/slice/app/memory.max": "max\n", "sys/fs/cgroup/slice/memory.max": "1073741824\n",
	}, gib, memory.CgroupV2)
	f("version 2 in a container of its own", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": mountV2,
		"sys/fs/cgroup/memory.max": "268435456\n",
	}, 256<<20, memory.CgroupV2)
	f("version 2 without a limit", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "0::/app\n", "proc/self/mountinfo": mountV2,
		"sys/fs/cgroup/app/memory.max": "max\n",
	}, machine, memory.Physical)
	f("version 1", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "5:cpu:/\n4:memory:/a/b\n0::/\n", "proc/self/mountinfo": mountV1,
		"sys/fs/cgroup/memory/memory.limit_in_bytes":     unlimitedV1,
		"sys/fs/cgroup/memory/a/memory.limit_in_bytes":   "2147483648\n",
		"sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": unlimitedV1,
	}, 2*gib, memory.CgroupV1)
	f("version 1, the path of the machine outside", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/docker/abc\n",
		"proc/self/mountinfo":                        "36 31 0:33 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
		"sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
	}, gib, memory.CgroupV1)
	f("version 1, a path that is not seen", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/docker/abcdef\n",
		"proc/self/mountinfo":                        "36 31 0:33 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
		"sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
	}, gib, memory.CgroupV1)
	f("a limit above the machine's memory", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "0::/app\n", "proc/self/mountinfo": mountV2,
		"sys/fs/cgroup/app/memory.max": "1099511627776\n",
	}, machine, memory.Physical)
	f("only a group", map[string]string{
		"proc/self/cgroup": "0::/app\n", "proc/self/mountinfo": mountV2, "sys/fs/cgroup/app/memory.max": "536870912\n",
	}, 512<<20, memory.CgroupV2)
	f("nonsense", map[string]string{
		"proc/meminfo": "MemTotal: lots\n", "proc/self/cgroup": "a\n::\n0::\n4:memory\n", "proc/self/mountinfo": "x - y\n\n - \n" + mountV2,
		"sys/fs/cgroup/memory.max": "some\n",
	}, systemBytes(), sourceWithoutFiles())
}

// systemBytes is what a machine without files says: on darwin it is asked otherwise.
func systemBytes() int64 { return memory.Look(tree(nil)).Limit().Bytes }

func sourceWithoutFiles() memory.Source {
	if systemBytes() == 0 {
		return memory.Unknown
	}
	return memory.Physical
}

func TestLook_FindsThisMachine(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	m := memory.Look(os.DirFS("/"))
	available, ok := m.AvailableBytes()
	if limit := m.Limit(); limit.Bytes < 16<<20 || limit.Source == memory.Unknown || !ok || available <= 0 || available > limit.Bytes {
		t.Errorf("limit %+v, available %d, %v", limit, available, ok)
	}
}

func TestWithin_TakesALowerLimit(t *testing.T) {
	m := memory.Look(tree(map[string]string{"proc/meminfo": meminfo}))
	f := func(bytes int64, want memory.Source) {
		t.Helper()
		if got := m.Within(bytes).Limit(); got.Source != want || want == memory.Setting && got.Bytes != bytes {
			t.Errorf("Within(%d): %+v", bytes, got)
		}
	}
	f(0, memory.Physical)
	f(gib, memory.Setting)
	f(100*gib, memory.Physical)
}

func TestAvailableBytes_CountsCachedFilesAsFree(t *testing.T) {
	f := func(name string, files map[string]string, want int64, wantOK bool) {
		t.Helper()
		if got, ok := memory.Look(tree(files)).AvailableBytes(); got != want || ok != wantOK {
			t.Errorf("%s: %d, %v; want %d, %v", name, got, ok, want, wantOK)
		}
	}
	v2 := map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "0::/app\n", "proc/self/mountinfo": mountV2,
		"sys/fs/cgroup/app/memory.max": "1000000\n", "sys/fs/cgroup/app/memory.current": "900000\n",
		"sys/fs/cgroup/app/memory.stat": "anon 1\nfile 600000\ninactive_file 500000\n",
	}
	f("version 2", v2, 600000, true)
	v2["sys/fs/cgroup/app/memory.current"] = "1700000\n"
	f("beyond the limit", v2, 0, true)
	f("version 1", map[string]string{
		"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/\n", "proc/self/mountinfo": mountV1,
		"sys/fs/cgroup/memory/memory.limit_in_bytes": "1000000\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "900000\n",
		"sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 300000\n",
	}, 400000, true)
	f("the machine", map[string]string{"proc/meminfo": meminfo}, 8000000<<10, true)
	f("nothing", nil, 0, false)
	if _, ok := (memory.Machine{}).AvailableBytes(); ok {
		t.Error("the zero machine knows what is available")
	}
}

func TestLimitCollector_LeavesAnOperatorsLimit(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	debug.SetMemoryLimit(math.MaxInt64)
	if got := memory.LimitCollector(memory.Limit{}); got != 0 {
		t.Errorf("an unknown limit set %d", got)
	}
	if got, want := memory.LimitCollector(memory.Limit{Bytes: 40 << 30}), int64(40<<30)/100*85; got != want || debug.SetMemoryLimit(-1) != want {
		t.Errorf("got %d, in force %d, want %d", got, debug.SetMemoryLimit(-1), want)
	}
	if got := memory.LimitCollector(memory.Limit{Bytes: 20 << 30}); got != 0 || debug.SetMemoryLimit(-1) == 17<<30 {
		t.Errorf("a limit that was there was replaced: %d", got)
	}
}

func TestProfileOf_GrowsWithTheMachine(t *testing.T) {
	const mib = 1 << 20
	f := func(bytes int64, wordBits int, want memory.Profile) {
		t.Helper()
		if got := memory.ProfileFor(bytes, wordBits); got != want {
			t.Errorf("%d MiB, %d bits:\n got %+v\nwant %+v", bytes/mib, wordBits, got, want)
		}
	}
	f(128*mib, 64, memory.Profile{4 * mib, 32 * mib, 2 * mib, 16 * mib, 16 * mib, 2 * mib, 128 * mib / 10})
	f(512*mib, 64, memory.Profile{16 * mib, 64 * mib, 8 * mib, 32 * mib, 16 * mib, 8 * mib, 512 * mib / 10})
	f(2*gib, 64, memory.Profile{64 * mib, 256 * mib, 32 * mib, 128 * mib, 32 * mib, 16 * mib, 2 * gib / 10})
	f(8*gib, 64, memory.Profile{128 * mib, gib, 64 * mib, 256 * mib, 64 * mib, 16 * mib, 8 * gib / 10})
	large := memory.Profile{256 * mib, gib, 64 * mib, 256 * mib, 128 * mib, 16 * mib, 2 * gib}
	f(32*gib, 64, large)
	f(0, 64, large) // nothing is known: no reason to be small
	large.PulseBytes = 256 * mib
	f(512*gib, 64, large)
	f(32*gib, 32, memory.Profile{(gib - 1) / 32, (gib - 1) / 8, (gib - 1) / 64, (gib - 1) / 16, 16 * mib, (gib - 1) / 64, 2 * gib})
	before := memory.ProfileOf(1)
	for bytes := int64(1 * mib); bytes < 1<<40; bytes += bytes / 3 {
		p := memory.ProfileOf(bytes)
		if p.FlushAboveBytes < before.FlushAboveBytes || p.MaxUnflushedBytes < before.MaxUnflushedBytes || p.PulseBytes < before.PulseBytes ||
			p.BatchBytesMax < before.BatchBytesMax || p.FlushAboveBytes > p.MaxUnflushedBytes || p.LowBytes > bytes {
			t.Errorf("%d bytes: %+v after %+v", bytes, p, before)
		}
		before = p
	}
}

func TestAddressSpace(t *testing.T) {
	limits := func(v string) map[string]string {
		return map[string]string{"proc/self/limits": "Limit                     Soft Limit           Hard Limit           Units\n" +
			"Max address space         " + v + "            unlimited            bytes\n"}
	}
	f := func(files map[string]string, wordBits int, want int64) {
		t.Helper()
		if got := memory.AddressLimit(tree(files), wordBits); got != want {
			t.Errorf("%v, %d bits: %d, want %d", files, wordBits, got, want)
		}
	}
	f(nil, 64, 128<<40)
	f(nil, 32, 3*gib)
	f(limits("unlimited"), 32, 3*gib)
	f(limits("1073741824"), 64, gib)
	f(map[string]string{"proc/self/limits": "Max address space\n"}, 64, 128<<40)
	if a := memory.ReadAddressSpace(tree(map[string]string{"proc/self/statm": "1000 5 4 1 0 9 0\n"})); a.UsedBytes != 1000*int64(os.Getpagesize()) {
		t.Errorf("%+v", a)
	}
	for _, text := range []string{"", "many"} {
		if a := memory.ReadAddressSpace(tree(map[string]string{"proc/self/statm": text})); a != (memory.AddressSpace{}) {
			t.Errorf("%q: %+v", text, a)
		}
	}
}

func TestAddressWatch_WarnsOnceForEachCrossing(t *testing.T) {
	var w memory.AddressWatch
	var got strings.Builder
	for _, percent := range []int64{10, 74, 76, 80, 70, 76, 66, 64, 70, 90, 90, 0} {
		mark := "."
		if w.Step(memory.AddressSpace{UsedBytes: percent * gib / 100, LimitBytes: gib}) {
			mark = "!"
		} else if w.Warned() {
			mark = "w"
		}
		got.WriteString(mark)
	}
	if want := "..!wwww..!w."; got.String() != want {
		t.Errorf("got %s, want %s", got.String(), want)
	}
	if w.Step(memory.AddressSpace{}) {
		t.Error("an unknown address space warns")
	}
}
