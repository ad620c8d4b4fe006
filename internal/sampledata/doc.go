// Package sampledata makes the set of documents one plays with first: a small trading house with its orders.
//
// Start at Documents (documents.go).
//
// The collections and the shape of their documents are the well-known Northwind ones, because documentation, courses and
// client libraries speak of them; every name, text and figure in them is ours, put together from the word lists in
// words.go and places.go by a generator with a fixed seed. The same version of this package always yields the same bytes.
//
// It knows nothing of databases: the caller writes the documents wherever it likes, in the order they come, which is
// such that a document refers only to documents before it.
package sampledata
