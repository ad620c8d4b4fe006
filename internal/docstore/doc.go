// Package docstore keeps documents as rows, found by id, by etag, or by collection.
//
// Start at Store.Put (write.go) and Store.Get (read.go).
//
// It decides ids, expectations, etags, change vectors, collections and tombstones, and knows which metadata belongs to
// the server: that is taken out when a document comes in (strip.go) and put in when one goes out (docrow/json.go). It knows
// nothing of HTTP, indexes, scripts or other nodes.
//
// On disk (docs/format/document.md) there are two tables, documents and tombstones, and two small trees: collections,
// with the counts of each, and state, with the last etag and the database's change vector. Every write keeps all of them
// together, so that counts and statistics are read, never computed.
//
// Every method works in the transaction it is given; nothing here locks or starts a goroutine. Reading methods may be
// called by any number of goroutines, each with its own transaction. Writing methods share scratch memory and the random
// source in Options: one goroutine at a time, which the single writer of an environment is.
package docstore
