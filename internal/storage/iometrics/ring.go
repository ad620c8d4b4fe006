package iometrics

import "time"

// ring keeps the newest events. It grows by doubling until it holds EventsMax, then the newest takes the place of the
// oldest. Guarded by Recorder.mu.
type ring struct {
	slots []slot
	last  uint64 // sequence of the newest event; 0 when there is none
}

// slot is an Event in less space: its sequence follows from its place.
type slot struct {
	start, duration, bytes int64 // nanoseconds since 1970, nanoseconds, bytes
	file                   string
	kind                   Kind
	failed                 bool
}

func (r *ring) add(s slot) {
	if int(r.last) == len(r.slots) && len(r.slots) < EventsMax { // never wrapped yet, so places do not move
		grown := make([]slot, min(EventsMax, max(eventsMin, 2*len(r.slots))))
		copy(grown, r.slots)
		r.slots = grown
	}
	r.slots[r.last%uint64(len(r.slots))] = s
	r.last++
}

// oldest is the sequence of the oldest event that is there; last+1 when there is none.
func (r *ring) oldest() uint64 {
	if r.last > uint64(len(r.slots)) {
		return r.last - uint64(len(r.slots)) + 1
	}
	return 1
}

// at returns the event with a sequence from oldest to last.
func (r *ring) at(sequence uint64) Event {
	s := r.slots[(sequence-1)%uint64(len(r.slots))]
	return Event{
		Sequence: sequence, Kind: s.kind, File: s.file, Start: time.Unix(0, s.start).UTC(), Duration: time.Duration(s.duration),
		Bytes: s.bytes, Failed: s.failed,
	}
}
