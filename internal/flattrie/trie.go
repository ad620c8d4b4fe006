package flattrie

import "github.com/rookerydb/rookery/internal/invariant"

// Options say how large a trie may get. The zero value is usable.
type Options struct {
	// BytesMax bounds the buffer, in bytes; 0 and anything above BufferBytesMax mean BufferBytesMax (2 GiB on 32-bit
	// machines). Put refuses what would go beyond. At least 16 KiB are needed to hold anything.
	BytesMax int
}

// Trie maps keys to numbers. It has one user at a time.
type Trie struct {
	view     View
	bytesMax int
	freed    freeLists
	changes  uint64 // counts changes, so that a stale Place is noticed
	descents uint64 // how often a key was followed from the root, for Find, Put and Delete
}

// New returns an empty trie.
func New(o Options) *Trie {
	t := &Trie{view: View{buf: make([]byte, firstBufferBytes)}, bytesMax: bufferBound(o.BytesMax)}
	copy(t.view.buf, magic)
	t.view.setNumber(usedOff, headBytes)
	root := t.make(node{})
	t.view.setNumber(rootLink, root.off)
	return t
}

// Copy returns a trie to be changed that begins as v is. v does not see the changes. *FullError when it does not fit.
func Copy(v View, o Options) (*Trie, error) {
	t := &Trie{view: v, bytesMax: bufferBound(o.BytesMax)}
	t.Defragment()
	if t.view.used() > t.bytesMax-reserveBytes {
		return nil, &FullError{UsedBytes: t.view.used(), BoundBytes: t.bytesMax}
	}
	return t, nil
}

// View returns the trie for reading. It is valid until the next change.
func (t *Trie) View() View { return t.view }

// Snapshot returns a copy for reading that later changes do not touch.
func (t *Trie) Snapshot() View { return View{buf: append([]byte(nil), t.view.Bytes()...)} }

// Find is View.Find; the place can be given to PutAt until the next change.
func (t *Trie) Find(key []byte) Place {
	t.descents++
	p := t.view.seek(key)
	p.changes = t.changes
	return p
}

// Put sets the value of key. *KeySizeError, *FullError; the trie is as it was then.
func (t *Trie) Put(key []byte, value uint64) error {
	return t.PutAt(t.Find(key), key, value)
}

// PutAt is Put of a key that Find was called with, without going down again: p is what Find returned, and nothing
// was changed since. Only when the buffer has reached its bound it may be defragmented, and then the place is looked up anew.
func (t *Trie) PutAt(p Place, key []byte, value uint64) error {
	if len(key) > KeyBytesMax {
		return &KeySizeError{Bytes: len(key)}
	}
	invariant.Assert(p.changes == t.changes && p.keySize == len(key), "place of another key, or of a trie that has changed since")
	e := edit{trie: t, at: p, key: key, value: value}
	if !t.reserve(e.putBytes(), t.bytesMax-reserveBytes) {
		t.Defragment()
		e.at = t.Find(key)
		if !t.reserve(e.putBytes(), t.bytesMax-reserveBytes) {
			return &FullError{UsedBytes: t.view.used(), BoundBytes: t.bytesMax}
		}
	}
	e.put()
	t.changed()
	return nil
}

// Delete removes key, and reports whether it was there.
func (t *Trie) Delete(key []byte) bool {
	p := t.Find(key)
	if p.Match != Exact {
		return false
	}
	e := edit{trie: t, at: p, key: key}
	if !t.reserve(e.removeBytes(), t.bytesMax) {
		t.Defragment() // leaves reserveBytes free at least: Put does not use them, and Delete only shrinks
		e.at = t.Find(key)
		fits := t.reserve(e.removeBytes(), t.bytesMax)
		invariant.Assert(fits, "no room to delete in a trie of %d bytes", t.view.used())
	}
	e.remove()
	t.changed()
	return true
}

// changed ends a change.
func (t *Trie) changed() {
	t.changes++
	if dead := t.view.number(deadOff); t.view.used() >= defragmentBytes && dead > t.view.used()/2 {
		t.Defragment()
	}
}
