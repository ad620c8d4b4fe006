package changevector

import (
	"slices"
	"strings"
)

// Entry is the part of one database in a vector: everything up to Etag that was written there.
type Entry struct {
	Tag        string // the node's tag, for people: 1 to TagBytesMax capital letters
	Etag       int64  // 0 or more
	DatabaseID string // DatabaseIDBytes long; says, with Tag, whose etag it is
}

// Vector is a list of entries, sorted by tag, then database id, each pair once. nil is the vector of nothing written.
//
// Parse, With and Merge return vectors that are so; Compare and Merge rely on it.
type Vector []Entry

// Order is how one version stands to another.
type Order uint8

// The orders. a is Before b if b has all of a's writes and more. Conflict: each has writes that the other lacks.
const (
	Equal Order = iota
	Before
	After
	Conflict
)

// String returns the order in lower case.
func (o Order) String() string {
	return [...]string{"equal", "before", "after", "conflict"}[o]
}

// Compare says how a stands to b. A missing entry counts as etag 0.
func Compare(a, b Vector) Order {
	less, more := false, false
	for len(a) > 0 || len(b) > 0 {
		var x, y int64
		c := 0
		switch {
		case len(a) == 0:
			c = 1
		case len(b) == 0:
			c = -1
		default:
			c = compareOwners(a[0], b[0])
		}
		if c <= 0 {
			x, a = a[0].Etag, a[1:]
		}
		if c >= 0 {
			y, b = b[0].Etag, b[1:]
		}
		less = less || x < y
		more = more || x > y
	}
	switch {
	case less && more:
		return Conflict
	case less:
		return Before
	case more:
		return After
	}
	return Equal
}

// Merge returns the least vector that is neither before a nor before b: the greater etag of each entry.
func Merge(a, b Vector) Vector {
	merged := make(Vector, 0, max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		switch c := compareOwners(a[0], b[0]); {
		case c < 0:
			merged, a = append(merged, a[0]), a[1:]
		case c > 0:
			merged, b = append(merged, b[0]), b[1:]
		default:
			e := a[0]
			e.Etag = max(e.Etag, b[0].Etag)
			merged, a, b = append(merged, e), a[1:], b[1:]
		}
	}
	return append(append(merged, a...), b...)
}

// With returns v in which the entry of tag and databaseID has etag, whether it was higher or lower before or missing. The
// arguments must be as Entry says.
func (v Vector) With(tag string, etag int64, databaseID string) Vector {
	e := Entry{Tag: tag, Etag: etag, DatabaseID: databaseID}
	i, found := slices.BinarySearchFunc(v, e, compareOwners)
	with := make(Vector, 0, len(v)+1)
	with = append(append(with, v[:i]...), e)
	if found {
		i++
	}
	return append(with, v[i:]...)
}

// Etag returns the etag of tag and databaseID in v; 0 if v has no such entry.
func (v Vector) Etag(tag, databaseID string) int64 {
	i, found := slices.BinarySearchFunc(v, Entry{Tag: tag, DatabaseID: databaseID}, compareOwners)
	if !found {
		return 0
	}
	return v[i].Etag
}

// compareOwners orders entries by whose etag they hold.
func compareOwners(a, b Entry) int {
	if c := strings.Compare(a.Tag, b.Tag); c != 0 {
		return c
	}
	return strings.Compare(a.DatabaseID, b.DatabaseID)
}
