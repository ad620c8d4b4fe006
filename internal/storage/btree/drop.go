package btree

import "github.com/rookerydb/rookery/internal/storage/page"

// Drop frees all pages of the tree with that state. The state must not be used again.
//
// Errors: *CorruptError, with some pages freed; those of the verbs. Drop the transaction then.
func Drop(pages Pages, state State) error {
	if state.Root == 0 {
		return nil
	}
	return dropBelow(&Tree{pages: pages, state: state}, state.Root, int(state.Depth)-1)
}

// dropBelow frees page no, which stands height levels above the leaves, after all below it. A freed page reached again
// fails in the verbs, so that a damaged tree ends too.
func dropBelow(t *Tree, no page.No, height int) error {
	n, err := load(t.pages, no, kindAt(height))
	if err != nil {
		return err
	}
	for i := range n.count() {
		if height == 0 && n.isGap(i) {
			continue
		}
		if err := dropEntry(t, n, i, height); err != nil {
			return err
		}
	}
	return t.freePage(no, kindAt(height))
}

// dropEntry frees what entry i of n refers to.
func dropEntry(t *Tree, n node, i, height int) error {
	if height > 0 {
		child, ok := n.child(i)
		if !ok {
			return corrupt(page.Number(n), entryReason)
		}
		return dropBelow(t, child, height-1)
	}
	e, ok := n.entry(i)
	if !ok {
		return corrupt(page.Number(n), entryReason)
	}
	return t.freeRun(e)
}
