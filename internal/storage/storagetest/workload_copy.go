package storagetest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// RollBack makes changes that chance decides, in a transaction that is rolled back. The workload goes on as if nothing had been.
func (w *Workload) RollBack(env *storage.Env, chance uint64) error {
	random := rand.New(rand.NewPCG(w.seed, ^chance))
	unseen := &Workload{tree: maps.Clone(w.tree), fixed: maps.Clone(w.fixed), rows: maps.Clone(w.rows)}
	tx, err := env.Write()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for range 1 + random.IntN(12) {
		if err := unseen.change(tx, random); err != nil {
			return fmt.Errorf("a transaction to be rolled back: %w", err)
		}
	}
	return nil
}

// Parts copy all that a workload writes.
func Parts() []storage.Part {
	return []storage.Part{
		storage.TreePart(treeName), storage.FixedTreePart(fixedName), storage.TreePart(tempName),
		&rowsPart{}, &looseRowsPart{},
	}
}

// Moved tells the workload that its environment was compacted, and rows have other ids.
func (w *Workload) Moved(env *storage.Env) error {
	return env.View(func(tx *storage.ReadTx) error {
		index, _ := tx.Tree(indexName)
		for name, r := range w.rows {
			id, found, err := index.Get([]byte(name))
			if err := mustBeThere(found, err); err != nil {
				return err
			}
			w.rows[name] = row{section.RowID(binary.BigEndian.Uint64(id)), r.text}
		}
		return nil
	})
}

// rowsPart copies rows in the order of their index, and the index with their new ids.
type rowsPart struct {
	last []byte // the last key copied; nil before the first
}

// Names implements storage.Part.
func (*rowsPart) Names() []string { return []string{indexName, rowsName} }

// Entries implements storage.Part.
func (*rowsPart) Entries(from storage.Tx) uint64 {
	tree, _ := from.Tree(indexName)
	return tree.Entries()
}

// Copy implements storage.Part.
func (p *rowsPart) Copy(b *storage.Batch) (done bool, err error) {
	toIndex, err := b.To.WriteTree(indexName)
	if err != nil {
		return false, err
	}
	toRows, err := b.To.WriteSections(rowsName)
	if err != nil {
		return false, err
	}
	index, _ := b.From.Tree(indexName)
	rows, _ := b.From.Sections(rowsName)
	c := index.Cursor()
	for ok := p.resume(&c, index.Entries()); ok; ok = c.Next() {
		text, err := rows.Get(section.RowID(binary.BigEndian.Uint64(c.Value())))
		if err != nil {
			return false, err
		}
		id, err := toRows.Insert(text)
		if err != nil {
			return false, err
		}
		if err := toIndex.Put(c.Key(), binary.BigEndian.AppendUint64(nil, uint64(id))); err != nil {
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

type cursor interface {
	First() bool
	Seek(key []byte) bool
	Next() bool
}

func (p *rowsPart) resume(c cursor, entries uint64) bool {
	if entries == 0 {
		return false // nor need there be an index
	}
	if p.last == nil {
		return c.First()
	}
	return c.Seek(p.last) && c.Next()
}

// looseRowsPart leaves out the rows that nothing leads to, as nobody can ask for them: it makes as many empty ones.
type looseRowsPart struct{ copied uint64 }

// Names implements storage.Part.
func (*looseRowsPart) Names() []string { return []string{tempRowsName} }

// Entries implements storage.Part.
func (*looseRowsPart) Entries(from storage.Tx) uint64 {
	rows, _ := from.Sections(tempRowsName)
	return rows.State().Rows
}

// Copy implements storage.Part.
func (p *looseRowsPart) Copy(b *storage.Batch) (done bool, err error) {
	rows, err := b.To.WriteSections(tempRowsName)
	for total := p.Entries(b.From); err == nil && p.copied < total; p.copied++ {
		if b.Full() {
			return false, nil
		}
		_, err = rows.Insert([]byte("a row"))
		b.Count()
	}
	return true, err
}
