package btree

import "github.com/rookerydb/rookery/internal/storage/page"

// View reads a tree as it was in one snapshot. It is a small value; copy it freely. Views of one snapshot may be used by
// several goroutines if its Reader may.
type View struct {
	pages Reader
	state State
}

// NewView returns the tree with that state, read from pages.
func NewView(pages Reader, state State) View { return View{pages: pages, state: state} }

// State returns what the view was made with.
func (v View) State() State { return v.state }

// Entries returns the number of entries, as counted by the state.
func (v View) Entries() uint64 { return v.state.Entries }

// Get returns the value of key; ok is false when there is none. It does not allocate.
//
// The bytes lie in a page: valid until the snapshot closes, in a write transaction until the next change of the tree. An
// empty value is an empty slice. *CorruptError when a page on the way makes no sense.
func (v View) Get(key []byte) (value []byte, ok bool, err error) {
	no := v.state.Root
	if no == 0 {
		return nil, false, nil
	}
	for height := int(v.state.Depth) - 1; height > 0; height-- {
		n, err := load(v.pages, no, page.Branch)
		if err != nil {
			return nil, false, err
		}
		i, ok := n.childFor(key)
		if !ok {
			return nil, false, corrupt(no, entryReason)
		}
		if no, ok = n.child(i); !ok {
			return nil, false, corrupt(no, entryReason)
		}
	}
	n, err := load(v.pages, no, page.Leaf)
	if err != nil {
		return nil, false, err
	}
	i, found, ok := n.search(0, key)
	if !found || !ok {
		return nil, false, entryErrorUnless(ok, no)
	}
	e, ok := n.entry(i)
	if !ok {
		return nil, false, corrupt(no, entryReason)
	}
	value, err = readValue(v.pages, e)
	return value, err == nil, err
}

// entryReason is the reason of the errors about entries that do not lie in their page.
const entryReason = "an entry does not lie in the page as it must"

func entryErrorUnless(ok bool, no page.No) error {
	if ok {
		return nil
	}
	return corrupt(no, entryReason)
}
