package memory

import (
	"runtime/metrics"
	"time"
)

// GiveBack decides when memory goes back to the system after a peak: once, when the process has been idle for a while. It is a
// step function: it reads no clock and does not collect.
//
// The collector gives memory back by itself, but keeps what it expects to need again, and garbage that is too little to
// start a collection stays for minutes. An idle process needs neither.
type GiveBack struct {
	idleFor   time.Duration
	busyAt    time.Time // when more was last allocated than an idle process does
	lastAt    time.Time
	last      uint64 // bytes allocated until the last step
	sinceBack uint64 // bytes allocated since memory was given back
}

// NewGiveBack returns a GiveBack for processes that count as idle after idleFor without load.
func NewGiveBack(idleFor time.Duration) *GiveBack { return &GiveBack{idleFor: idleFor} }

// Step takes how many bytes the process has allocated since its start, and reports whether memory should be given back now.
func (g *GiveBack) Step(allocated uint64, now time.Time) bool {
	if g.lastAt.IsZero() {
		g.busyAt, g.lastAt = now, now
	}
	grown, elapsed := allocated-g.last, now.Sub(g.lastAt)
	g.last, g.lastAt = allocated, now
	g.sinceBack += grown
	if float64(grown) > elapsed.Seconds()*quietBytesPerSecond {
		g.busyAt = now
	}
	if g.sinceBack < worthBytes || now.Sub(g.busyAt) < g.idleFor {
		return false
	}
	g.sinceBack = 0
	return true
}

// Ahead tells that memory is given back for another reason.
func (g *GiveBack) Ahead() { g.sinceBack = 0 }

// AllocatedBytes returns how many bytes the process has allocated on the heap since its start.
func AllocatedBytes() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
