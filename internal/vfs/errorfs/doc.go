// Package errorfs lets chosen operations of a file system fail.
//
// Start at FS (fs.go) and at Nth and From (rule.go), the usual rules. Every operation, reading too, is counted and shown to the rule before it
// is done; when the rule returns an error, the operation fails with it and is not done, so a failed Sync leaves its data
// unsynced in the file system beneath. A *PartialError does the first bytes of a read or write before it fails.
package errorfs
