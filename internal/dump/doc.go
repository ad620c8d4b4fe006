// Package dump reads and writes the files of import and export: dumps, JSON lines, JSON arrays, single documents and CSV.
//
// Start at Open (open.go) and Reader.Next (reader.go) for reading, at Writer.Add (writer.go) for writing. The form of a
// dump, and what cells of CSV mean, is described in docs/format/dump.md.
//
// A file is a stream of items: an item has a kind, and a JSON object as its value. A reader holds one item at a time, so
// its memory is that of the largest item, however long the stream is. What the objects hold is decided by those who
// export and import; this package knows only what filters ask of them (filter.go), and how attachments are cut into
// pieces that fit into items (chunk.go).
//
// Two things can be wrong with a file. A bad item (a line that is no JSON, a property that appears twice) is an
// *ItemError: the stream goes on behind it, and as many as ReadOptions.BadMax allows are collected instead of returned.
// Anything else (*SyntaxError between items, *CutError, *CompressionError) ends the stream; the items before it are good.
//
// Everything here is pure: no files, no clocks, no goroutines of our own. A Reader or Writer serves one goroutine at a time.
package dump
