// Package jsonedit compares JSON texts and carries the changes between two of them over to a third.
//
// Start at Overlay (overlay.go): it is what lets a session save a document of which the program's type knows only some
// members, without losing the others. Differences (difference.go) tells the same changes to people.
//
// It knows nothing of documents, sessions or Go types: texts go in, texts come out. All texts must be valid JSON, as
// encoding/json writes or has accepted it.
package jsonedit
