package api

import (
	"cmp"
	"slices"

	"github.com/rookerydb/rookery/internal/memory"
	"github.com/rookerydb/rookery/internal/server"
)

// memoryPart is a part of a memory report as it is shown.
type memoryPart struct {
	name     string
	bytes    int64
	inMemory bool // counts as resident, but for what was not touched
}

func memoryParts(m memory.Report) []memoryPart {
	return []memoryPart{
		{"HeapInUse", m.HeapInUseBytes, true},
		{"HeapIdle", m.HeapIdleBytes, true},
		{"HeapReturned", m.HeapReturnedBytes, false},
		{"Stacks", m.StackBytes, true},
		{"Collector", m.CollectorBytes, true},
		{"OffHeap", m.OffHeapBytes, true},
		{"DataFiles", m.DataResidentBytes, true},
		{"DataFilesMapped", m.DataMappedBytes, false},
		{"Binary", m.BinaryResidentBytes, true},
		{"OtherFiles", m.OtherResidentBytes, true},
	}
}

// getMemoryStats tells where the memory of this process is.
func (h *handler) getMemoryStats(r *request) error {
	report := h.server.MemoryReport()
	r.member(`{"Resident":`, report.ResidentBytes)
	r.member(`,"Explained":`, report.ExplainedBytes())
	r.member(`,"Untouched":`, report.UntouchedBytes)
	r.member(`,"Anonymous":`, report.AnonymousBytes)
	r.memoryStatus(h.server.MemoryLimit(), h.server.MemoryStatus(), report.AddressSpace)
	r.str(`,"Parts":[`)
	for i, p := range memoryParts(report) {
		r.element(i)
		r.str(`{"Name":`)
		r.quote(p.name)
		r.member(`,"Bytes":`, p.bytes)
		r.str(`,"InMemory":`)
		r.bool(p.inMemory)
		r.str(`}`)
	}
	r.str(`],"DataFiles":[`)
	for i, f := range report.Files {
		r.element(i)
		r.str(`{"Path":`)
		r.quote(f.Path)
		r.member(`,"Mapped":`, f.MappedBytes)
		r.member(`,"Resident":`, f.ResidentBytes)
		r.str(`}`)
	}
	r.str(`]`)
	r.databaseMemory(h.server.DatabaseMemory())
	r.memoryProfile(h.server.MemoryProfile())
	r.str(`}`)
	return nil
}

// element appends the comma before all elements but the first.
func (r *reply) element(i int) {
	if i > 0 {
		r.str(`,`)
	}
}

func (r *reply) memoryStatus(limit memory.Limit, s memory.Status, space memory.AddressSpace) {
	r.member(`,"Limit":{"Bytes":`, limit.Bytes)
	r.str(`,"Source":`)
	r.quote(limit.Source.String())
	r.str(`},"Severity":`)
	r.quote(s.Severity.String())
	r.member(`,"Available":`, s.AvailableBytes)
	r.member(`,"LowLimit":`, s.LowBytes)
	r.str(`,"Changes":[`)
	for i, c := range s.Changes {
		r.element(i)
		r.str(`{"At":`)
		r.quote(c.At.UTC().Format("2006-01-02T15:04:05.0000000Z"))
		r.str(`,"Severity":`)
		r.quote(c.Severity.String())
		r.member(`,"Available":`, c.AvailableBytes)
		r.str(`}`)
	}
	r.member(`],"TimesGivenBack":`, int64(s.GivenBack))
	r.member(`,"AddressSpace":{"Used":`, space.UsedBytes)
	r.member(`,"Limit":`, space.LimitBytes)
	r.str(`,"Warning":`)
	r.bool(s.AddressWarning)
	r.str(`}`)
}

func (r *reply) databaseMemory(list []server.DatabaseMemory) {
	slices.SortFunc(list, func(a, b server.DatabaseMemory) int { return cmp.Compare(a.Name, b.Name) })
	r.str(`,"Databases":[`)
	for i, d := range list {
		r.element(i)
		r.str(`{"Name":`)
		r.quote(d.Name)
		r.member(`,"PagesHeld":`, d.HeldBytes)
		r.member(`,"PagesUnflushed":`, d.UnflushedBytes)
		r.str(`}`)
	}
	r.str(`]`)
}

func (r *reply) memoryProfile(p memory.Profile) {
	r.member(`,"Profile":{"FlushAbove":`, p.FlushAboveBytes)
	r.member(`,"MaxUnflushed":`, p.MaxUnflushedBytes)
	r.member(`,"Pool":`, p.PoolBytesMax)
	r.member(`,"TxPages":`, p.TxPageBytesMax)
	r.member(`,"Pulse":`, p.PulseBytes)
	r.member(`,"Batch":`, p.BatchBytesMax)
	r.str(`}`)
}
