package memory

import (
	"slices"
	"sync/atomic"
	"time"
)

// Severity says how short memory is. The numbers are those that monitoring shows.
type Severity uint8

// The severities.
const (
	Normal       Severity = iota
	Low                   // less is available than the bound
	ExtremelyLow          // less than a quarter of the bound
)

// String returns the severity in words.
func (s Severity) String() string { return [...]string{"normal", "low", "extremely low"}[s] }

// Change is one change of severity.
type Change struct {
	At             time.Time
	Severity       Severity // from then on
	AvailableBytes int64    // then
}

// Status is what is known of memory at one moment. It is never changed: a new one takes its place.
type Status struct {
	Severity       Severity
	AvailableBytes int64    // at the last reading
	LowBytes       int64    // the bound
	Changes        []Change // the newest 32, oldest first
	GivenBack      uint64   // times that memory was given back after a peak
	AddressWarning bool     // the address space is nearly used up
}

// Board holds the newest Status for whoever wants to read it. The zero Board says Normal.
type Board struct{ status atomic.Pointer[Status] }

// Status returns the newest status. It is shared: read only.
func (b *Board) Status() Status {
	if s := b.status.Load(); s != nil {
		return *s
	}
	return Status{}
}

// Publish replaces the status.
func (b *Board) Publish(s Status) { b.status.Store(&s) }

// Watch decides from readings whether memory is low. It is a step function: it reads no clock and no file.
//
// Low memory begins with the first reading below the bound, and ends after three readings in a row that are half as much
// again as the bound, so that a machine at the edge does not change all the time.
type Watch struct {
	status Status
	calm   int // readings in a row that would end what is
}

// NewWatch returns a watch for a bound in bytes.
func NewWatch(lowBytes int64) *Watch { return &Watch{status: Status{LowBytes: lowBytes}} }

// Status returns the state after the last step.
func (w *Watch) Status() Status { return w.status }

// Step takes a reading of the available bytes at an instant, and reports whether the severity changed.
func (w *Watch) Step(available int64, now time.Time) (changed bool) {
	w.status.AvailableBytes = available
	worse, better := w.severity(available), w.severity(available*2/3)
	switch {
	case worse > w.status.Severity:
		w.change(worse, available, now)
		return true
	case better >= w.status.Severity:
		w.calm = 0
		return false
	}
	if w.calm++; w.calm < calmReadings {
		return false
	}
	w.change(better, available, now)
	return true
}

// severity returns what a reading means by itself.
func (w *Watch) severity(available int64) Severity {
	switch {
	case available < w.status.LowBytes/4:
		return ExtremelyLow
	case available < w.status.LowBytes:
		return Low
	}
	return Normal
}

func (w *Watch) change(to Severity, available int64, now time.Time) {
	w.calm = 0
	w.status.Severity = to
	changes := append(slices.Clone(w.status.Changes), Change{At: now, Severity: to, AvailableBytes: available})
	w.status.Changes = changes[max(0, len(changes)-changesMax):]
}
