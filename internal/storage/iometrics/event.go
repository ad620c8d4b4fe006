package iometrics

import "time"

// Event is one operation that has ended.
type Event struct {
	Sequence uint64 // from 1, without gaps, in the order in which operations ended
	Kind     Kind
	File     string        // path within the environment, such as "data"; "." is the directory itself
	Start    time.Time     // by the wall clock, UTC
	Duration time.Duration // by the monotonic clock; from 0 to DurationMax
	Bytes    int64         // written; 0 for a sync
	Failed   bool          // it returned an error; how much of Bytes was done is unknown
}

// End is when the operation ended.
func (e Event) End() time.Time { return e.Start.Add(e.Duration) }

// Running is an operation that has begun and not ended.
type Running struct {
	Kind  Kind
	File  string
	Start time.Time
	Bytes int64
	Slow  bool // it takes too long already
}
