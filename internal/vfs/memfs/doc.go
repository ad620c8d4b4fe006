// Package memfs is a disk in memory whose plug can be pulled.
//
// Start at New (fs.go) for the disk, at FS.AfterCrash (crash.go) for what a power cut leaves of it, and at FS.CrashAt
// (record.go) for power cuts at every operation of one run.
//
// What a power cut leaves follows POSIX, not the kindness of any file system:
//
//   - Bytes written and not synced are there or not, each block for itself, at any of the states that it went through.
//     Growth and cutting of a file that was not synced happened or not, in order.
//   - A write to a WriteThrough file is there once it returned; the one in flight may be torn.
//   - Creating, removing and renaming are there once their directory was synced; before that the first few operations
//     on a directory are there, and the rest are not. A rename is there whole or not at all. Syncing a new file does not make its name durable.
//   - MkdirAll is durable when it returns. Locks end.
//
// Everything is deterministic: the same operations and the same seed leave the same bytes. There is no clock, no
// goroutine and no chance in it.
//
// A file is one slice of bytes, and Map returns a piece of that very slice, so later writes show in it, as mmap does. A
// file that grows may move to new memory; mappings made before then keep the old bytes, so map anew after growing. Reading
// a mapping while another goroutine writes other bytes of the file is no data race.
package memfs
