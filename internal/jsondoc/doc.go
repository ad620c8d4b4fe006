// Package jsondoc keeps a JSON document as its minified text and an index into it, so that printing is a copy and
// looking up a field parses nothing.
//
// Start at Parser.Append (parse.go) for text to document, and at Value.Field (field.go) for reading. The bytes are
// described in format.go and in docs/format/jsondoc.md; why they are so, in docs/adr/0003-jsondoc.md.
//
// The text is canonical: properties in the order given, numbers as written, no white space, each string in its one
// shortest spelling. So two equal strings have equal bytes, and names are found by comparing bytes. The encoding of a
// text is the only one: Check makes it again and compares.
//
// A half of a surrogate pair that stands alone has no UTF-8 form. In the text it stays an escape (\ud800); where content
// is decoded (Value.Bytes, names) it becomes the three bytes that UTF-8 would use for it (WTF-8,
// https://simonsapin.github.io/wtf-8/), which AppendString turns back into the escape. Nothing is lost on the way.
//
// A Doc made by Parse, or that has passed Check, never makes an accessor panic. Bytes from elsewhere (disk, network)
// must go through Check first; on bytes that would fail it, accessors may panic or answer nonsense, no worse.
//
// Everything here is pure: no locks, no goroutines. A Doc is never changed, so any number of goroutines may read it. A
// Parser serves one goroutine at a time.
package jsondoc
