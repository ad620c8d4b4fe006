package table

import (
	"encoding/binary"
	"iter"
	"math"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage"
)

// Walk yields the rows in the order of an index ("" is the primary one) as Ascend does, for walks that take long: whenever it
// has read tx.PulseBytes it moves tx to the newest state, so that it holds back neither memory nor journals.
//
// So a row is valid only until the next one is asked for, and nothing else may be kept from tx meanwhile. What was
// stored all the time is yielded exactly once. What is stored, changed or deleted meanwhile is seen as it is when the walk comes by:
// a row whose key in this index grows may be seen twice, one whose key falls not at all. It panics when the index's keys may
// repeat, as no key leads back to a place between two rows. The sequence ends at its first error; *storage.ClosedError when
// the environment is closed.
func (t *Table) Walk(tx *storage.ReadTx, index string, from []byte) iter.Seq2[Row, error] {
	ix := t.mustFind(index)
	invariant.Assert(!ix.repeats(), "table %q: Walk by the repeating index %q", t.schema.Name, index)
	return func(yield func(Row, error) bool) {
		for next := from; ; {
			leg := leg{table: t, index: ix, yield: yield}
			if !leg.walk(tx, next) || !leg.beyond() {
				return
			}
			if err := tx.Renew(); err != nil {
				yield(Row{}, err)
				return
			}
			next = leg.next
		}
	}
}

// leg is the part of a walk from one renewal to the next.
type leg struct {
	table *Table
	index *index
	yield func(Row, error) bool
	bytes int64  // of rows read
	next  []byte // the key of the last row, copied when the leg is over; then where the next one begins
}

// walk yields rows until enough was read. It is false when the walk is over.
func (l *leg) walk(tx *storage.ReadTx, from []byte) (more bool) {
	for row, err := range l.table.Ascend(tx, l.index.Name, from) {
		if err != nil {
			l.yield(row, err)
			return false
		}
		l.bytes += int64(len(row.Bytes()))
		over := l.bytes >= tx.PulseBytes() || tx.HeldBytes() >= tx.PulseBytes()
		if over {
			l.next = l.index.appendKey(nil, &row)
		}
		if !l.yield(row, nil) {
			return false
		}
		if over {
			return true
		}
	}
	return false
}

// beyond makes next the smallest key above itself. It is false when there is none.
func (l *leg) beyond() bool {
	if !l.index.Uint64 {
		l.next = append(l.next, 0)
		return true
	}
	key := binary.BigEndian.Uint64(l.next)
	binary.BigEndian.PutUint64(l.next, key+1)
	return key < math.MaxUint64
}
