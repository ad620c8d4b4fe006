// Package blob keeps byte streams of any length in an environment, once for each content.
//
// Start at Store.Finish (write.go) and Store.Open (read.go).
//
// A stream is written in chunks, in as many transactions as its writer likes: Begin gives it a number, WriteChunk stores a chunk under it, and
// Finish makes it a blob, found by the hash of its content. When that content is there already the new chunks go and the old
// blob has one reference more; so an equal stream costs room only while it is being written. Whoever no longer needs a
// blob releases it; without references it is gone for all who look, and its chunks are garbage, which Clean removes a few at a
// time: a transaction must not become larger because a stream was long.
//
// A number that is neither a blob's nor garbage is an upload. Uploads that nobody works on any more, as after a crash, are garbage too:
// the owner of the uploads tells Clean which are alive.
//
// It knows nothing of documents, names or content types. Every method works in the transaction it is given; readers may be any
// number, writers one at a time. On disk (docs/format/blob.md): two tables and two small trees.
package blob
