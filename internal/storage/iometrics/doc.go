// Package iometrics remembers what an environment asked of its disk: each write, each sync, how long it took.
//
// Start at Recorder (recorder.go): Begin and Op.Done stand around an operation, Since and Totals tell what was. Events are
// kept in a ring, newest over oldest (ring.go); figures for each kind of operation, in all and by the minute, never
// forget one (totals.go). Operations that take too long, and those that do not come back, are listed apart (slow.go).
// Export (export.go) is a file of them, Timeline (timeline.go) draws one as text.
//
// The package does no I/O on environments, starts no goroutine and reads no clock but the one it is given. A Recorder's
// lock is held for a handful of memory operations: readers copy out a few events at a time, so that a commit never waits
// for somebody who looks.
package iometrics
