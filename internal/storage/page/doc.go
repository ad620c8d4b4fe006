// Package page is the byte layout of a page: numbers, header fields, kinds, and the checksum that covers them.
//
// Start at the offset table in format.go, then Seal and Verify in checksum.go. The same table for readers of files
// stands in docs/format/page.md; a test holds the two together.
//
// A page is plain bytes ([]byte), either mapped read-only from a file or in a buffer of the writer. The functions here
// read and write single header fields in place; they neither allocate nor check more than the length of the slice.
// The package is pure: no I/O, no locks, no state. It knows nothing of trees, journals or free space.
package page
