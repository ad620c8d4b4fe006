// Package journal keeps the write-ahead files of one environment: append a transaction, replay, recycle.
//
// Start at Log.Append (log.go) and Replay (replay.go); the bytes of a record stand in format.go and docs/format/journal.md.
//
// A record is one transaction: a header, and for each page that it touched the differences to the version before
// (change.go, diff.go). A record is durable when Append returns, with one write into blocks that were written before:
// files are filled with zeros, or recycled, ahead of their use (pool.go).
//
// The package knows pages only as numbers and runs of PageBytes bytes. It decides nothing about failure: a caller that
// gets an error from Append other than vfs.ErrNoSpace must not append again.
package journal
