// Package docrow is what the fields of a stored document or tombstone mean, and how a document is printed for clients.
//
// Start at the table of fields in format.go; Problem (check.go) says what is wrong with a row, AppendJSON (json.go) prints
// a document. The page docs/format/document.md describes the same.
//
// The package is pure: it reads rows that it is given and knows of no table, so that salvage, which has no tables left,
// reads documents with the same code as the store.
package docrow
