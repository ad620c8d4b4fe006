//go:build race

package memory_test

// raceEnabled is true in builds with the race detector.
const raceEnabled = true
