// Package query plans a parsed query and runs it on one snapshot.
//
// Start at NewPlan (plan.go): it reads the tree clause by clause, puts in the values of the parameters, and ends in a Plan or
// in an error that names what cannot be done and where it stands. Plan.Run (run.go) counts and prepares; Result.Rows (rows.go)
// then reads one document at a time, and Result.Includes (include.go) the documents that the rows refer to.
//
// This package decides how a question is answered: which documents are read, in which order, and which part of them. A plan has
// one access (access.go): all documents of a source, documents by id, documents by a prefix of their ids, or none. Each of them
// is answered by the document store itself: never stale, and nothing is built for it. Plans that need an index join at
// NewPlan as a further kind of access, chosen in planWhere where a condition is now refused for want of one; everything after it
// (paging, rows, includes, etag) sees only a sequence of documents and stays as it is.
//
// It knows nothing of HTTP and of how documents are stored. Plans hold no transaction and may be run many times, also at once; a
// Result belongs to the transaction it was made in and to one goroutine.
package query
