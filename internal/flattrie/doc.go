// Package flattrie maps short byte strings to numbers in one flat buffer without pointers: a trie with shared prefixes.
//
// Start at Trie.Put (trie.go) and View.Find (view.go). Find goes down once and says how far it came and why it stopped, as a
// Place; PutAt goes on from there, splitting and linking nodes (edit.go). The bytes are described in format.go and
// docs/format/flattrie.md. Freed blocks are used again (room.go), and Defragment moves everything together.
//
// Since nothing in the buffer is a pointer, a copy of it is a snapshot, it can be written to a file as it is, and the
// garbage collector does not look into it. Reading never changes a byte: any number of goroutines may read a View at the
// same time. A Trie has one user at a time, and its View must not be read while it changes; give readers a Snapshot.
//
// The package does no I/O, takes no locks and starts no goroutine.
package flattrie
