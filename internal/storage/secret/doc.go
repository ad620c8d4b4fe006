// Package secret is memory for what must not reach the disk: keys, and pages in clear.
//
// Start at Sealed (sealed.go), which keeps one key, and Arena (arena.go), which lends frames for decrypted pages.
//
// Both live outside the Go heap, in memory that the collector neither moves nor copies, locked where the system allows it so
// that it is never swapped out, left out of core dumps on Linux, and wiped when given back. A key lies there combined with a
// pad that lies elsewhere; it is in clear only while somebody has it open. Where locking fails, work goes on and the failure
// is counted, unless Options.MustLock says otherwise.
//
// Systems other than Linux, macOS and Windows give plain memory of the heap, which counts as not locked.
//
// Everything here may be used by many goroutines at once. The package knows nothing of pages, ciphers or transactions.
package secret
