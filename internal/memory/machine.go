package memory

import (
	"io"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

// Source says what sets a limit.
type Source uint8

// The sources.
const (
	Unknown  Source = iota // nothing could be read; the limit is 0
	Physical               // what the machine has
	CgroupV1
	CgroupV2
	Setting // an operator's word
)

// String returns the source in words.
func (s Source) String() string {
	return [...]string{"unknown", "machine", "cgroup v1", "cgroup v2", "setting"}[s]
}

// Limit is how much memory the process may use. Bytes is 0 when that is not known.
type Limit struct {
	Bytes  int64
	Source Source
}

// Machine is where the limits of this process stand. It is a plain value and never changes.
type Machine struct {
	root   fs.FS
	groups []group // with a limit of their own, from the process's upwards
	limit  Limit
}

// group is one memory cgroup.
type group struct {
	dir        string
	limitBytes int64
	v2         bool
}

// Look finds the limits of this process. root is the root of the file system: os.DirFS("/"), or a tree in a test. What cannot be
// read counts as no limit: a wrong guess must not keep a server from starting.
func Look(root fs.FS) Machine {
	m := Machine{root: root, limit: Limit{Bytes: machineBytes(root), Source: Physical}}
	if m.limit.Bytes == 0 {
		m.limit.Source = Unknown
	}
	m.groups = readGroups(root)
	for _, g := range m.groups {
		if m.limit.Bytes == 0 || g.limitBytes < m.limit.Bytes {
			m.limit = Limit{Bytes: g.limitBytes, Source: CgroupV1}
			if g.v2 {
				m.limit.Source = CgroupV2
			}
		}
	}
	return m
}

// Within returns a machine with an operator's limit, if that is above 0 and less than the one found.
func (m Machine) Within(bytes int64) Machine {
	if bytes > 0 && (m.limit.Bytes == 0 || bytes < m.limit.Bytes) {
		m.limit = Limit{Bytes: bytes, Source: Setting}
	}
	return m
}

// Limit returns the least of what cgroups, the machine and an operator allow.
func (m Machine) Limit() Limit { return m.limit }

// AvailableBytes returns how much more memory the process can get now without anything being swapped or killed: the least of what
// the machine and each cgroup has left, where cached file pages count as free. False when nothing could be read.
func (m Machine) AvailableBytes() (available int64, ok bool) {
	available = math.MaxInt64
	if m.root == nil {
		return 0, false
	}
	if bytes, found := keyed(readFile(m.root, "proc/meminfo"), "MemAvailable:"); found {
		available, ok = bytes<<10, true
	}
	for _, g := range m.groups {
		if used, found := g.usedBytes(m.root); found {
			available, ok = min(available, max(g.limitBytes-used, 0)), true
		}
	}
	if !ok {
		return 0, false
	}
	return available, true
}

// machineBytes returns the memory of the machine; 0 when that is not known.
func machineBytes(root fs.FS) int64 {
	if kib, ok := keyed(readFile(root, "proc/meminfo"), "MemTotal:"); ok {
		return kib << 10
	}
	return systemMemoryBytes()
}

// usedBytes returns what the group uses, without pages of files that the kernel would give up first.
func (g group) usedBytes(root fs.FS) (int64, bool) {
	usage, inactive := "memory.usage_in_bytes", "total_inactive_file"
	if g.v2 {
		usage, inactive = "memory.current", "inactive_file"
	}
	used, ok := readNumber(root, path.Join(g.dir, usage))
	if !ok {
		return 0, false
	}
	cached, _ := keyed(readFile(root, path.Join(g.dir, "memory.stat")), inactive)
	return used - cached, true
}

// readGroups returns the groups that limit this process, its own first.
func readGroups(root fs.FS) []group {
	var groups []group
	for line := range strings.Lines(readFile(root, "proc/self/cgroup")) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		v2 := fields[0] == "0" && fields[1] == ""
		if !v2 && !hasWord(fields[1], "memory") {
			continue
		}
		mount, ok := findMount(root, v2)
		if !ok {
			continue
		}
		for _, dir := range mount.dirs(fields[2]) {
			if bytes, limited := readLimit(root, dir, v2); limited {
				groups = append(groups, group{dir: dir, limitBytes: bytes, v2: v2})
			}
		}
	}
	return groups
}

// unlimitedBytes is what version 1 says when there is no limit: the largest number of whole pages, near 2^63.
const unlimitedBytes = math.MaxInt64 - 1<<20

func readLimit(root fs.FS, dir string, v2 bool) (int64, bool) {
	name := "memory.limit_in_bytes"
	if v2 {
		name = "memory.max" // the word max when there is no limit
	}
	bytes, ok := readNumber(root, path.Join(dir, name))
	return bytes, ok && bytes > 0 && bytes < unlimitedBytes
}

// mount is where a hierarchy of cgroups is seen: its part from top on stands at point.
type mount struct{ top, point string }

// findMount finds the mount of version 2, or of the memory controller of version 1, in mountinfo (proc(5)): id, parent, device,
// root, mount point, options, fields up to a dash, type, source, options of the file system.
func findMount(root fs.FS, v2 bool) (mount, bool) {
	for line := range strings.Lines(readFile(root, "proc/self/mountinfo")) {
		before, after, _ := strings.Cut(strings.TrimSpace(line), " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if len(left) < 5 || len(right) < 3 {
			continue
		}
		if v2 && right[0] == "cgroup2" || !v2 && right[0] == "cgroup" && hasWord(right[2], "memory") {
			return mount{top: left[3], point: strings.TrimPrefix(left[4], "/")}, true
		}
	}
	return mount{}, false
}

// dirs returns the directories of a group and of those above it, as far as they are seen. In a container the path may be one
// of the machine outside: then the mount itself is the group.
func (m mount) dirs(groupPath string) []string {
	within, below := strings.CutPrefix(path.Clean(groupPath), strings.TrimSuffix(m.top, "/"))
	if !below || within != "" && within[0] != '/' {
		within = ""
	}
	dirs := []string{path.Join(m.point, within)}
	for within = strings.Trim(within, "/"); within != ""; {
		if within = path.Dir(within); within == "." {
			within = ""
		}
		dirs = append(dirs, path.Join(m.point, within))
	}
	return dirs
}

// hasWord reports whether a list with commas has a word.
func hasWord(list, word string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}

// keyed returns the number behind a key at the start of a line.
func keyed(text, key string) (int64, bool) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == key {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// readNumber reads a file that holds one number.
func readNumber(root fs.FS, name string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(readFile(root, name)), 10, 64)
	return n, err == nil
}

// readFile returns the text of a file of the kernel; empty when it cannot be read.
func readFile(root fs.FS, name string) string {
	file, err := root.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, fileBytesMax))
	if err != nil {
		return ""
	}
	return string(text)
}
