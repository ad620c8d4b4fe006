// Package btree keeps sorted keys in trees of pages: Tree with keys and values of any length, FixedTree with uint64 keys
// and values of one fixed length.
//
// Start at View.Get (view.go) and Tree.Put (tree.go); then split.go and join.go for how pages come and go. FixedTree has
// the same parts in the files called fixed_*.go. The bytes of a page are described in format.go and docs/format/btree.md.
//
// A tree is a State (a few numbers that the caller keeps with its transaction) and pages that it reaches through four
// verbs: Page, Alloc, Copy, Free. A page keeps its number when it is changed, so a changed leaf touches the leaf only, and
// no page knows its siblings or parent. Changes are as few bytes as can be, because the caller writes differences.
//
// The package does no I/O, takes no locks and starts no goroutine. It trusts no byte of a page: nonsense is a
// *CorruptError, never a panic or an endless loop. After an error of Put or Delete the tree may be half changed, and the
// transaction must be dropped. It knows nothing of transactions, checksums or names of trees.
package btree
