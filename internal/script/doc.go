// Package script runs JavaScript that users send: patches, later projections, maps and filters. It is the one place with an
// engine in it.
//
// Start at Engine.Compile and Engine.Run (engine.go), then run.execute (run.go), which tells the story of a run. Why this
// engine, how it is kept in bounds, and where these end: docs/adr/0015-script-engine.md.
//
// Everybody may send a script, so each is taken for hostile. Bounds stand in limits.go. Steps and time are looked at when
// the engine's counter of steps is used up, which costs nothing in between; a clock empties the counter early. Built-ins
// that do not count are guarded by the prelude (prelude.js), which also freezes all that one run could leave to the next.
// A runtime that was stopped is thrown away. There is no eval, no module, no file, no network, no timer; Date and
// Math.random are given from outside.
//
// A document is seen through lazy objects (object.go): reading makes values from the binary document one by one, the
// first change fills the object, and printing (print.go) copies what was not touched as text. So numbers keep their text.
//
// The engine is C translated to Go, with memory of its own outside the Go heap; runtime.go and value64.go are the only
// files that know how its values lie. A runtime serves one goroutine at a time; an Engine any number.
package script
