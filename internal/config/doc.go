// Package config declares every setting once and reads them from the environment, a file and the command line.
//
// Start at settings (settings.go), the table: key, type, unit, default, what it does, and where its value goes. Parse
// (parse.go) fills a Config from the three sources; the later one wins: environment, file, command line. A Config is a
// plain value; nothing changes it afterwards, and each value knows where it came from (Origin).
//
// A key that nobody knows is an error with a suggestion, except in the environment, where it is a warning: others put
// their variables there too. Keys that other versions of this protocol know and this one does not need are accepted, so
// that existing start scripts go on working; those whose absence somebody could notice come with a warning.
//
// CheckExposure (exposure.go) refuses to serve strangers without authentication unless somebody asked for it twice.
// Markdown (markdown.go) prints the table as docs/settings.md.
//
// The package reads no file, variable or flag itself: the binary hands them in. It starts no goroutine.
package config
