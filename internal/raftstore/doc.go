// Package raftstore keeps a Raft log, its hard state and its newest snapshot in a storage.Env.
//
// Start at Store (store.go), which is a raft.Storage: what the Raft library reads. Save (save.go) is the one write: it
// makes all of a Ready durable in one transaction. Snapshot and Compact (snapshot.go) replace the beginning of the log by
// a snapshot of what it did.
//
// The log is a tree from index to entry, without gaps: it starts after the compaction point and ends at the last index,
// both of which Store also keeps in memory. format.go has the bytes; docs/format/raft.md says the same.
//
// The methods are for one goroutine, the raft loop. The package starts none, and it does not interpret entries.
package raftstore
