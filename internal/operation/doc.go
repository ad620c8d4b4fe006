// Package operation keeps track of long work that one request starts and other requests ask about.
//
// Start at Registry.Start (registry.go). An operation has an id, runs in a goroutine of its own, reports how far it is, and ends
// with a result or an error; what is told of it is a Status (status.go). Those that have ended are remembered for a while.
//
// An id may be given out before its operation begins (Reserve, StartAs): clients ask for one, and then send the work with it. Ids
// begin at the time of the start in milliseconds, so that an id of before a restart names nothing afterwards.
//
// Whoever wants to hear of the operations of a database joins them (watch.go).
//
// The package knows nothing of what the work is, and nothing of HTTP: progress and results are values that whoever started the
// operation understands, and that are never changed once they were given.
package operation
