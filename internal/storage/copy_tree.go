package storage

import (
	"github.com/rookerydb/rookery/internal/storage/btree"
)

// TreePart copies the tree called name, entry by entry in the order of the keys.
func TreePart(name string) Part { return &treePart{name: name} }

type treePart struct {
	name string
	last []byte // the last key copied; nil before the first
}

// Names implements Part.
func (p *treePart) Names() []string { return []string{p.name} }

// Entries implements Part.
func (p *treePart) Entries(from Tx) uint64 {
	tree, _ := from.Tree(p.name)
	return tree.Entries()
}

// Copy implements Part.
func (p *treePart) Copy(b *Batch) (done bool, err error) {
	to, err := b.To.WriteTree(p.name)
	if err != nil {
		return false, err
	}
	from, found := b.From.Tree(p.name)
	if !found {
		return false, &CopyError{Name: p.name, Why: "the original is no tree"}
	}
	c := from.Cursor()
	for ok := p.resume(&c); ok; ok = c.Next() {
		value := c.Value()
		if c.Err() != nil {
			break
		}
		if err := to.Put(c.Key(), value); err != nil {
			return false, err
		}
		b.Count()
		if b.Full() {
			p.last = append(p.last[:0], c.Key()...)
			return false, nil
		}
	}
	return true, c.Err()
}

// resume places c behind the last key.
func (p *treePart) resume(c *btree.Cursor) bool {
	if p.last == nil {
		return c.First()
	}
	return c.Seek(p.last) && c.Next()
}

// FixedTreePart copies the fixed-size tree called name.
func FixedTreePart(name string) Part { return &fixedTreePart{name: name} }

type fixedTreePart struct {
	name  string
	begun bool
	last  uint64 // the last key copied, when begun
}

// Names implements Part.
func (p *fixedTreePart) Names() []string { return []string{p.name} }

// Entries implements Part.
func (p *fixedTreePart) Entries(from Tx) uint64 {
	tree, _ := from.FixedTree(p.name)
	return tree.Entries()
}

// Copy implements Part.
func (p *fixedTreePart) Copy(b *Batch) (done bool, err error) {
	from, found := b.From.FixedTree(p.name)
	if !found {
		return false, &CopyError{Name: p.name, Why: "the original is no fixed-size tree"}
	}
	to, err := b.To.WriteFixedTree(p.name, int(from.State().ValueBytes))
	if err != nil {
		return false, err
	}
	c := from.Cursor()
	for ok := p.resume(&c); ok; ok = c.Next() {
		if err := to.Put(c.Key(), c.Value()); err != nil {
			return false, err
		}
		b.Count()
		if b.Full() {
			p.begun, p.last = true, c.Key()
			return false, nil
		}
	}
	return true, c.Err()
}

func (p *fixedTreePart) resume(c *btree.FixedCursor) bool {
	if !p.begun {
		return c.First()
	}
	return c.Seek(p.last) && c.Next()
}
