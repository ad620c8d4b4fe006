package btree

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Tree changes a tree within one write transaction. Its methods must not be called by two goroutines at once.
//
// After each change the caller keeps State with the transaction. After an error the transaction must be dropped.
type Tree struct {
	pages Pages
	state State
	path  [depthMax]step // of the last descend: the page at each level from the root, and the position in it
	last  lookup

	// Entries on their way to the parent while a page above the leaves is split; used in turn, since the separator of one
	// level is still being written when that of the next one is made.
	separators [2][KeyBytesMax]byte
	children   [2][childBytes]byte
	turn       int

	scratch []byte // a page, for rebuild; made when first needed
}

// New returns the tree with that state, changed through pages.
func New(pages Pages, state State) *Tree { return &Tree{pages: pages, state: state} }

// State returns the state after the changes so far.
func (t *Tree) State() State { return t.state }

// View returns the tree as it is now. It is stale after the next change.
func (t *Tree) View() View { return View{pages: t.pages, state: t.state} }

// lookup is what the last Get found. A Put of the same key, if it comes next, need not go down the tree again: path is still
// the way, as only changes of the tree move entries.
type lookup struct {
	key   []byte // empty when the tree was changed since
	found bool
}

// Get is View.Get on the tree as it is now.
func (t *Tree) Get(key []byte) (value []byte, ok bool, err error) {
	if t.state.Root == 0 || len(key) == 0 {
		return nil, false, nil
	}
	leaf, i, found, err := t.descend(key)
	if err != nil {
		return nil, false, err
	}
	t.last.key, t.last.found = append(t.last.key[:0], key...), found
	if !found {
		return nil, false, nil
	}
	e, ok := leaf.entry(i)
	if !ok {
		return nil, false, corrupt(page.Number(leaf), entryReason)
	}
	value, err = readValue(t.pages, e)
	return value, err == nil, err
}

// find is descend, or nothing when the last Get was for key.
func (t *Tree) find(key []byte) (leaf node, i int, found bool, err error) {
	if len(t.last.key) == 0 || !bytes.Equal(t.last.key, key) {
		return t.descend(key)
	}
	at := t.path[t.state.Depth-1]
	leaf, err = load(t.pages, at.no, page.Leaf)
	return leaf, at.i, t.last.found, err
}

// Put sets the value of key, whether it has one or not. It keeps neither slice; they must not lie in pages of this tree.
//
// Errors: *KeySizeError, *ValueSizeError and *DepthError before anything is changed; *CorruptError; those of the verbs.
func (t *Tree) Put(key, value []byte) error {
	if len(key) == 0 || len(key) > KeyBytesMax {
		return &KeySizeError{Bytes: len(key)}
	}
	if len(value) > ValueBytesMax {
		return &ValueSizeError{Bytes: len(value), Want: ValueBytesMax}
	}
	if t.state.Depth >= depthMax {
		return &DepthError{Depth: int(t.state.Depth)}
	}
	if t.state.Root == 0 {
		return t.plant(key, value)
	}
	leaf, i, found, err := t.find(key)
	t.last.key = t.last.key[:0]
	if err != nil {
		return err
	}
	if found {
		return t.replace(leaf, i, value)
	}
	e, err := t.newEntry(key, value)
	if err != nil {
		return err
	}
	t.state.Entries++
	return t.insert(leaf, i, e)
}

// plant makes the first leaf.
func (t *Tree) plant(key, value []byte) error {
	e, err := t.newEntry(key, value)
	if err != nil {
		return err
	}
	no, n, err := t.newPage(page.Leaf)
	if err != nil {
		return err
	}
	n.insert(0, e)
	t.state.Root, t.state.Depth, t.state.Entries = no, 1, 1
	return nil
}

// descend finds the leaf in whose range key lies, and the position there; path tells the way.
func (t *Tree) descend(key []byte) (leaf node, i int, found bool, err error) {
	t.last.key = t.last.key[:0] // it was about the path that is overwritten now
	no := t.state.Root
	last := int(t.state.Depth) - 1
	if last < 0 || last >= depthMax {
		return nil, 0, false, corrupt(no, depthReason)
	}
	for level := range last {
		n, err := load(t.pages, no, page.Branch)
		if err != nil {
			return nil, 0, false, err
		}
		i, ok := n.childFor(key)
		if !ok {
			return nil, 0, false, corrupt(no, entryReason)
		}
		t.path[level] = step{no, i}
		if no, ok = n.child(i); !ok {
			return nil, 0, false, corrupt(t.path[level].no, entryReason)
		}
	}
	leaf, err = load(t.pages, no, page.Leaf)
	if err != nil {
		return nil, 0, false, err
	}
	i, found, ok := leaf.search(0, key)
	t.path[last] = step{no, i}
	return leaf, i, found, entryErrorUnless(ok, no)
}

// newEntry returns what stands in the leaf for key and value, with a new overflow run if value is long.
func (t *Tree) newEntry(key, value []byte) (entry, error) {
	if len(value) <= inlineBytesMax {
		return entry{key: key, value: value}, nil
	}
	r, err := t.makeRun(value)
	if err != nil {
		return entry{}, err
	}
	return refEntry(key, r), nil
}

// refEntry returns the entry of a key whose value is in an overflow run.
func refEntry(key []byte, r ref) entry {
	value := make([]byte, refBytes)
	r.put(value)
	return entry{key: key, value: value, overflow: true}
}

// replace sets the value of entry i of leaf, the end of path.
func (t *Tree) replace(leaf node, i int, value []byte) error {
	no := t.path[t.state.Depth-1].no
	old, ok := leaf.entry(i)
	if !ok {
		return corrupt(no, entryReason)
	}
	if !old.overflow && bytes.Equal(old.value, value) {
		return nil
	}
	e, err := t.succeed(old, value)
	if err != nil {
		return err
	}
	if e.overflow && old.overflow && bytes.Equal(old.value, e.value) {
		return nil // the same run
	}
	leaf, err = t.copyNode(no, page.Leaf)
	if err != nil {
		return err
	}
	old, _ = leaf.entry(i) // now in the copy
	fits, ok := leaf.replace(i, old, e)
	if fits || !ok {
		return entryErrorUnless(ok, no)
	}
	if leaf.isSingle() { // alone on its page, it has room enough once its old bytes are gone
		page.SetLower(leaf, page.HeaderBytes)
		page.SetUpper(leaf, page.SizeBytes)
		page.SetDead(leaf, 0)
		leaf.insert(0, e)
		return nil
	}
	if !leaf.remove(i) {
		return corrupt(no, entryReason)
	}
	return t.insert(leaf, i, e)
}

// succeed returns the entry with value that takes the place of old, whose overflow run is written over or freed. The key
// is safe from changes of the page.
func (t *Tree) succeed(old entry, value []byte) (entry, error) {
	key := append(t.separators[t.turn][:0], old.key...)
	if old.overflow && len(value) > inlineBytesMax {
		r := decodeRef(old.value)
		if page.RunPages(r.bytes) == page.RunPages(len(value)) {
			r, err := t.rewriteRun(r, value)
			return refEntry(key, r), err
		}
	}
	e, err := t.newEntry(key, value)
	if err != nil {
		return entry{}, err
	}
	return e, t.freeRun(old)
}

// insert puts e at position i of n, the leaf at the end of path. Pages that have no room are split, up to the root.
func (t *Tree) insert(n node, i int, e entry) error {
	for level := int(t.state.Depth) - 1; ; level-- {
		no := t.path[level].no
		if n.free() >= e.room() {
			return t.insertCopied(no, i, e)
		}
		var err error
		if n, i, err = t.withoutGaps(n, i); err != nil {
			return err
		}
		if n.free() >= e.room() { // without the gaps
			return t.insertCopied(no, i, e)
		}
		up, err := t.split(n, level, i, e)
		if err != nil {
			return err
		}
		if level == 0 {
			return t.growRoot(up)
		}
		i, e = t.path[level-1].i+1, up
		if n, err = load(t.pages, t.path[level-1].no, page.Branch); err != nil {
			return err
		}
	}
}

// withoutGaps returns n without gaps, to be written if it had some, and where the entry of slot i stands there.
func (t *Tree) withoutGaps(n node, i int) (node, int, error) {
	if n.isBranch() || n.entries() == n.count() {
		return n, i, nil
	}
	n, err := t.copyAny(page.Number(n))
	if err != nil {
		return nil, 0, err
	}
	i = n.tidy(i)
	return n, i, nil
}

// insertCopied puts e at position i of page no, which has room for it, at the latest after rebuild.
func (t *Tree) insertCopied(no page.No, i int, e entry) error {
	n, err := t.copyAny(no)
	if err != nil {
		return err
	}
	return t.fit(n, i, e)
}

// fit puts e at position i of n, which is writable, and rebuilds the page first if that is needed.
func (t *Tree) fit(n node, i int, e entry) error {
	if n.gap() < e.room() {
		if !n.rebuild(t.scratchPage()) || n.gap() < e.room() {
			return corrupt(page.Number(n), "entries take more bytes than the header says")
		}
	}
	n.insert(i, e)
	return nil
}

// growRoot puts a new root above the old one, whose right part was split off as up.
func (t *Tree) growRoot(up entry) error {
	no, n, err := t.newPage(page.Branch)
	if err != nil {
		return err
	}
	var child [childBytes]byte
	binary.LittleEndian.PutUint64(child[:], uint64(t.state.Root))
	n.insert(0, entry{value: child[:]})
	n.insert(1, up)
	t.state.Root = no
	t.state.Depth++
	return nil
}

// newPage allocates an empty branch or leaf page.
func (t *Tree) newPage(kind page.Kind) (page.No, node, error) {
	no, p, err := t.pages.Alloc(1)
	if err != nil {
		return 0, nil, err
	}
	page.Init(p, no, kind)
	if kind == page.Leaf {
		t.state.LeafPages++
	} else {
		t.state.BranchPages++
	}
	return no, node(p[:page.SizeBytes]), nil
}

// freePage gives back page no of that kind.
func (t *Tree) freePage(no page.No, kind page.Kind) error {
	if kind == page.Leaf {
		t.state.LeafPages--
	} else {
		t.state.BranchPages--
	}
	return t.pages.Free(no)
}

// copyNode returns page no for writing.
func (t *Tree) copyNode(no page.No, kind page.Kind) (node, error) {
	p, err := t.pages.Copy(no)
	if err != nil {
		return nil, err
	}
	return asNode(p, no, kind)
}

// copyAny returns page no for writing, whose kind was checked before.
func (t *Tree) copyAny(no page.No) (node, error) {
	p, err := t.pages.Copy(no)
	if err != nil {
		return nil, err
	}
	return node(p[:page.SizeBytes]), nil
}

func (t *Tree) scratchPage() []byte {
	if t.scratch == nil {
		t.scratch = make([]byte, page.SizeBytes)
	}
	return t.scratch
}
