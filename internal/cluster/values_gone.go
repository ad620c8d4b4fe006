package cluster

import (
	"bytes"
	"fmt"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
)

// Rows of a database that is gone cannot be found any more, as nobody knows its id. They are removed in steps, each its own
// transaction, while the loop has nothing else to do: removing a million in one would hold up every other decision.

// markGone notes that the database with the id is gone, when it has rows.
func (w *valueWriter) markGone(id string) error {
	c, err := readCounts(w.tx, id)
	if err != nil || c == (valueCounts{}) {
		return err
	}
	w.gone = true
	return w.put(goneTree, []byte(id), nil)
}

// clearStep removes some rows of a database that is gone. v.gone is false when there is nothing left.
func (v *values) clearStep() error {
	w, err := v.begin()
	if err != nil {
		return err
	}
	more, err := w.clearSome(clearMax)
	if err != nil {
		w.tx.Rollback()
		return fmt.Errorf("remove values of a database that is gone: %w", err)
	}
	if err := v.commit(w); err != nil {
		return err
	}
	v.gone = more
	return nil
}

// clearSome removes up to n rows of the first database that is gone. It reports whether there may be more.
func (w *valueWriter) clearSome(n int) (more bool, err error) {
	view, ok := w.tx.Tree(goneTree)
	if !ok {
		return false, nil
	}
	c := view.Cursor()
	if !c.First() {
		return false, c.Err()
	}
	w.id = string(c.Key())
	if n, err = w.clearTree(expiryTree, n); err != nil {
		return false, err
	}
	if n, err = w.clearTree(identitiesTree, n); err != nil {
		return false, err
	}
	if n, err = w.clearExchange(n); err != nil || n == 0 {
		return true, err
	}
	if err := w.delete(countsTree, []byte(w.id)); err != nil {
		return false, err
	}
	return true, w.delete(goneTree, []byte(w.id)) // the next step looks for another
}

// clearTree removes up to n of the database's keys, and returns how many of n are left to do.
func (w *valueWriter) clearTree(name string, n int) (int, error) {
	view, ok := w.tx.Tree(name)
	if !ok {
		return n, nil
	}
	var keys [][]byte
	c := view.Cursor()
	for c.Seek([]byte(w.id)); len(keys) < n && c.Valid() && bytes.HasPrefix(c.Key(), []byte(w.id)); c.Next() {
		keys = append(keys, append([]byte(nil), c.Key()...))
	}
	if err := c.Err(); err != nil {
		return 0, err
	}
	for _, key := range keys {
		if err := w.delete(name, key); err != nil {
			return 0, err
		}
	}
	return n - len(keys), nil
}

// clearExchange is clearTree for the compare-exchange values.
func (w *valueWriter) clearExchange(n int) (int, error) {
	var keys [][]byte
	if n == 0 {
		return 0, nil
	}
	for row, err := range w.table.AscendPrefix(w.tx, "", []byte(w.id)) {
		if err != nil {
			return 0, err
		}
		keys = append(keys, append([]byte(nil), row.Field(exchangeKeyField)...))
		if len(keys) == n {
			break
		}
	}
	for _, key := range keys {
		if _, err := w.table.Delete(w.tx, key); err != nil {
			return 0, err
		}
	}
	return n - len(keys), nil
}

// firstExpiry returns the entry of the value of a database that expires first, as a copy, and when; nil when none does.
func firstExpiry(tx storage.Tx, databaseID string) (key []byte, due time.Time, err error) {
	view, ok := tx.Tree(expiryTree)
	if !ok {
		return nil, due, nil
	}
	c := view.Cursor()
	if !c.Seek([]byte(databaseID)) || !bytes.HasPrefix(c.Key(), []byte(databaseID)) {
		return nil, due, c.Err()
	}
	key = append([]byte(nil), c.Key()...)
	steps, _, err := decodeNumber("expiry of a compare-exchange value", key[databaseIDBytes:])
	return key, expiryTime(steps), err
}
