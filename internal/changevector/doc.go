// Package changevector tells which of two versions of a document came after the other, or that neither did.
//
// Start at Vector (vector.go); the text form is in parse.go. A vector has, for each database that wrote, the highest etag
// that is part of the version. One version is after another if it has all of the other's writes and more; if each has some
// that the other lacks, they conflict (D. S. Parker et al., "Detection of Mutual Inconsistency in Distributed
// Systems", 1983: version vectors).
//
// Vectors are values: every function returns a new one and leaves its arguments alone. It is pure, and knows nothing of
// documents or nodes.
package changevector
