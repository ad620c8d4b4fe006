// Package storage keeps named trees, fixed-size trees and section sets in one directory, an environment: one writer at a
// time, readers on snapshots, and nothing lost that a commit confirmed.
//
// Start at Open (open.go). A write is Env.Update (write_tx.go) to WriteTx.Commit (commit.go); a read is Env.View
// (read_tx.go) to ReadTx.Page. What follows in the background is flush.go; what follows a crash is recover.go. How an
// environment is made as small as what it holds is compaction.go, and what takes its space report.go. DESIGN.md tells the
// whole, with what happens at which crash.
//
// It decides durability, isolation and recovery. It knows nothing of rows, documents or indexes; the bytes of journals,
// pages and trees belong to the packages below it.
//
// Locks, in the order in which they are taken: flushTurn or syncTurn, never both but in Close; turn; then chain.mu or
// pool.mu or those of the journal; frames.mu, then vault.mu, then those of package secret. The turns are held across I/O: they are places in a queue, not guards of fields.
package storage
