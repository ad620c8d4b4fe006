// Package sortkey turns values into bytes that sort like the values, so that trees that only compare bytes keep them in
// order.
//
// Start at AppendString (string.go) and AppendUint64 (number.go). Each AppendX has its DecodeX, which also returns what
// follows, so that keys can be joined of parts: a joined key sorts by its first part, then the second, and so on. This
// holds because no encoding of a kind is the beginning of another of the same kind. For parts whose kind varies from key
// to key, put a marker before each (kind.go): null sorts first, then false, true, numbers, strings.
//
// It is pure. What keys look like is a part of every table's and index's format: never change an encoding, add another.
package sortkey
