// Package timeseries keeps entries of a time and up to 32 numbers in compressed segments of at most 2 KiB.
//
// Start at Series.Append (series.go) and View.Range (view.go). A series is an ordered list of segments that a Store holds,
// each under the key of its first entry; the store may be rows of a table or a map in a test. A Builder (builder.go) adds
// entries to the end of a segment without looking at those before; a Cursor (cursor.go) reads them. The bytes are described
// in format.go and docs/format/timeseries.md: times as differences of differences, values as differences to the value before
// in the same column, after Pelkonen et al., "Gorilla: A Fast, Scalable, In-Memory Time Series Database", VLDB 2015.
//
// What was deleted stays as a dead entry, so that the deletion can win against the copy of another node; merge.go says which
// of two entries wins. In an incremental series each node has entries of its own, and what is read is their sum
// (increment.go). Names of series and what they say are in name.go.
//
// Above that are two readers of series. Configuration (configuration.go, validate.go) says how long entries are kept and into
// which frames of time (frame.go) they are rolled up (rollup.go). Aggregate (aggregate.go) answers queries.
//
// The package is pure: it reads no clock, does no I/O of its own, takes no locks and starts no goroutine.
package timeseries
