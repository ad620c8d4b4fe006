package memory

import (
	"io/fs"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
)

// Report tells where the memory of this process is, in bytes. What is not known is 0.
type Report struct {
	// Of the Go runtime, which counts what it has mapped, touched or not.

	HeapInUseBytes    int64 // spans that hold objects, dead ones not yet found included
	HeapIdleBytes     int64 // free spans that are kept
	HeapReturnedBytes int64 // free spans whose memory went back to the system; not resident
	StackBytes        int64 // of goroutines and threads
	CollectorBytes    int64 // the runtime's own: marks, spans, caches, profiles

	OffHeapBytes int64 // beside the heap, as the caller of ReportNow says

	// UntouchedBytes is how much of the parts above is not resident: the runtime counts what it has mapped or taken back into
	// use, the system what was touched since. 0 where the system does not say what is resident.
	UntouchedBytes int64

	// Of the system: only on Linux.

	ResidentBytes       int64 // of the whole process
	AnonymousBytes      int64 // resident, without a file behind: the heap, stacks, memory beside the heap
	DataResidentBytes   int64 // resident pages of data files
	DataMappedBytes     int64 // addresses that data files take
	BinaryResidentBytes int64 // resident pages of the program and its libraries
	OtherResidentBytes  int64 // resident pages of other files
	Files               []File

	AddressSpace AddressSpace
}

// File is a mapped data file.
type File struct {
	Path                       string
	MappedBytes, ResidentBytes int64
}

// ExplainedBytes is the sum of all parts that are resident: about ResidentBytes. What is missing was taken beside the heap by
// somebody who did not say so.
func (r Report) ExplainedBytes() int64 {
	return r.knownAnonymous() - r.UntouchedBytes + r.DataResidentBytes + r.BinaryResidentBytes + r.OtherResidentBytes
}

// knownAnonymous is the sum of the parts that have no file behind them.
func (r Report) knownAnonymous() int64 {
	return r.HeapInUseBytes + r.HeapIdleBytes + r.StackBytes + r.CollectorBytes + r.OffHeapBytes
}

// runtimeParts are the parts of a report by the names of the runtime.
var runtimeParts = []struct {
	name string
	part func(r *Report) *int64
}{
	{"/memory/classes/heap/objects:bytes", func(r *Report) *int64 { return &r.HeapInUseBytes }},
	{"/memory/classes/heap/unused:bytes", func(r *Report) *int64 { return &r.HeapInUseBytes }},
	{"/memory/classes/heap/free:bytes", func(r *Report) *int64 { return &r.HeapIdleBytes }},
	{"/memory/classes/heap/released:bytes", func(r *Report) *int64 { return &r.HeapReturnedBytes }},
	{"/memory/classes/heap/stacks:bytes", func(r *Report) *int64 { return &r.StackBytes }},
	{"/memory/classes/os-stacks:bytes", func(r *Report) *int64 { return &r.StackBytes }},
	{"/memory/classes/metadata/mcache/free:bytes", func(r *Report) *int64 { return &r.CollectorBytes }},
	{"/memory/classes/metadata/mcache/inuse:bytes", func(r *Report) *int64 { return &r.CollectorBytes }},
	{"/memory/classes/metadata/mspan/free:bytes", func(r *Report) *int64 { return &r.CollectorBytes }},
	{"/memory/classes/metadata/mspan/inuse:bytes", func(r *Report) *int64 { return &r.CollectorBytes }},
	{"/memory/classes/metadata/other:bytes", func(r *Report) *int64 { return &r.CollectorBytes }},
	{"/memory/classes/other:bytes", func(r *Report) *int64 { return &r.CollectorBytes }},
	{"/memory/classes/profiling/buckets:bytes", func(r *Report) *int64 { return &r.CollectorBytes }},
}

// ReportNow reads where the memory is. root is the root of the file system; files below dataDir (absolute) are data files; offHeap is
// what the caller knows to be beside the heap. It reads the list of mappings: some milliseconds.
func ReportNow(root fs.FS, dataDir string, offHeap int64) Report {
	r := Report{OffHeapBytes: offHeap, AddressSpace: ReadAddressSpace(root)}
	samples := make([]metrics.Sample, len(runtimeParts))
	for i, p := range runtimeParts {
		samples[i].Name = p.name
	}
	metrics.Read(samples)
	for i, p := range runtimeParts {
		if samples[i].Value.Kind() == metrics.KindUint64 {
			*p.part(&r) += int64(samples[i].Value.Uint64())
		}
	}
	r.readMappings(readFile(root, "proc/self/smaps"), strings.TrimSuffix(dataDir, "/")+"/")
	if r.ResidentBytes > 0 {
		r.UntouchedBytes = max(0, r.knownAnonymous()-r.AnonymousBytes)
	}
	return r
}

// mapping is one entry of smaps (proc(5)).
type mapping struct {
	path                       string // empty or in brackets when there is no file
	size, resident, privateAny int64
	executable                 bool
}

// readMappings adds up the mappings.
func (r *Report) readMappings(text, dataDir string) {
	programs := map[string]bool{} // files of which some part is executed
	var files []mapping
	for m := range mappings(text) {
		r.ResidentBytes += m.resident
		r.AnonymousBytes += m.privateAny
		if m.path == "" || m.path[0] != '/' {
			continue
		}
		m.resident -= min(m.resident, m.privateAny) // pages of it that were written for this process alone
		programs[m.path] = programs[m.path] || m.executable
		files = append(files, m)
	}
	for _, m := range files {
		switch {
		case strings.HasPrefix(m.path, dataDir):
			r.DataMappedBytes += m.size
			r.DataResidentBytes += m.resident
			r.addFile(m)
		case programs[m.path]:
			r.BinaryResidentBytes += m.resident
		default:
			r.OtherResidentBytes += m.resident
		}
	}
	slices.SortFunc(r.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}

func (r *Report) addFile(m mapping) {
	i := slices.IndexFunc(r.Files, func(f File) bool { return f.Path == m.path })
	if i < 0 {
		if len(r.Files) == filesMax {
			return
		}
		i, r.Files = len(r.Files), append(r.Files, File{Path: m.path})
	}
	r.Files[i].MappedBytes += m.size
	r.Files[i].ResidentBytes += m.resident
}

// mappings yields the entries of smaps: a line with addresses, rights and path, then lines of "Name: number kB".
func mappings(text string) func(yield func(mapping) bool) {
	return func(yield func(mapping) bool) {
		var m mapping
		begun := false
		for line := range strings.Lines(text) {
			name, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
			if !strings.HasSuffix(name, ":") {
				if begun && !yield(m) {
					return
				}
				m, begun = parseMapping(rest), true
				continue
			}
			switch name {
			case "Size:":
				m.size = kibibytes(rest)
			case "Rss:":
				m.resident = kibibytes(rest)
			case "Anonymous:":
				m.privateAny = kibibytes(rest)
			}
		}
		if begun {
			yield(m)
		}
	}
}

// parseMapping reads what follows the addresses: rights, offset, device, inode, and a path that may have blanks.
func parseMapping(rest string) mapping {
	rights, rest, _ := strings.Cut(rest, " ")
	m := mapping{executable: strings.Contains(rights, "x")}
	for range 3 {
		_, rest, _ = strings.Cut(rest, " ")
	}
	m.path = strings.TrimSpace(rest)
	return m
}

// kibibytes reads a number of kB and returns bytes; 0 when it is none.
func kibibytes(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")), 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}
