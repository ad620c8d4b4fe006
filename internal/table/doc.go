// Package table keeps rows with a schema: one primary key, any further indexes, all within the transaction it is given.
//
// Start at Table.Put (table.go) and Table.Get (read.go); what a row looks like stands in package row.
//
// Rows lie in a raw data section, and every index, the primary one included, is a tree from key to row id. A row begins
// with a header that says what it is and proves it by a checksum, so that a tool that reads pages forward finds rows
// without any tree. The package knows nothing of what the fields mean: keys are the bytes of fields, in the order that
// the caller gave them (package sortkey makes bytes that sort like values).
//
// Reading methods may be called by any number of goroutines, each with its own transaction. Writing methods share the
// table's scratch memory: one goroutine at a time, which the single writer of an environment is. Nothing here locks.
package table
