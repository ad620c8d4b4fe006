package btree

import "github.com/rookerydb/rookery/internal/storage/page"

// Bounds of keys, values and trees.
const (
	// KeyBytesMax is the longest key: with its child number it is a quarter of a page, so that a branch page always has
	// room for three children.
	KeyBytesMax = 2024
	// ValueBytesMax is the longest value: what one run of pages can hold, about 508 MiB.
	ValueBytesMax = page.OverflowBytesMax
	// FixedValueBytesMax is the longest value of a FixedTree: 112 entries fit in a page then.
	FixedValueBytesMax = 64

	// inlineBytesMax is the longest value that stands in the leaf itself: a quarter of a page. Two entries of the longest key
	// and the longest such value fit in a page (2 x 4062 of 8128 bytes), which is what a split needs.
	inlineBytesMax = page.PayloadBytes / 4
	// depthMax bounds the levels of a tree, and so the loops over damaged ones. A tree of 24 levels has at least
	// 2^24 leaves even if all branch pages have the fewest children.
	depthMax = 24
	// joinBelowBytes is the use of a page under which a delete looks for a neighbour to join it with.
	joinBelowBytes = page.PayloadBytes / 3
	// joinedBytesMax is the most that a joined page may hold: an eighth stays free, lest the next Put splits it again.
	joinedBytesMax = page.PayloadBytes / 8 * 7
)
