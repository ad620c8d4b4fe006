// Package row is how a row lies in its section: a header that says what the row is and proves it, then the fields.
//
// Start at the offset table in format.go, then Append and Decode in row.go. The page docs/format/table.md says the same.
//
// The package is pure and knows of no page, table or tree, so that a tool that reads a damaged file forward can find rows
// with nothing else at hand.
package row
