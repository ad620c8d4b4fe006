package cluster

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// ValueView reads the compare-exchange values and identities of one database in one snapshot. What it returns are copies.
type ValueView struct {
	tx    *storage.ReadTx
	table *table.Table
	id    string
}

// ViewValues calls read with the values of the database called name, as this node has applied them. Errors: *DatabaseMissingError, storage's,
// and what read returns.
func (c *Cluster) ViewValues(name string, read func(*ValueView) error) error {
	d, err := c.State().find(name)
	if err != nil {
		return err
	}
	return c.env.View(func(tx *storage.ReadTx) error {
		return read(&ValueView{tx: tx, table: c.exchange, id: d.ID})
	})
}

// Get returns the compare-exchange value of key.
func (v *ValueView) Get(key string) (CompareExchange, bool, error) {
	row, ok, err := v.table.Get(v.tx, valueKey(v.id, key))
	if err != nil || !ok {
		return CompareExchange{}, false, err
	}
	value, err := decodeExchange(&row)
	return value, true, err
}

// List yields the compare-exchange values whose keys begin with prefix, in any case, in the order of their lower-case keys. It
// ends at its first error.
func (v *ValueView) List(prefix string) iter.Seq2[CompareExchange, error] {
	return func(yield func(CompareExchange, error) bool) {
		for row, err := range v.table.AscendPrefix(v.tx, "", valueKey(v.id, prefix)) {
			var value CompareExchange
			if err == nil {
				value, err = decodeExchange(&row)
			}
			if !yield(value, err) || err != nil {
				return
			}
		}
	}
}

// Identities yields the identities in the order of their lower-case names. It ends at its first error.
func (v *ValueView) Identities() iter.Seq2[Identity, error] {
	return func(yield func(Identity, error) bool) {
		view, ok := v.tx.Tree(identitiesTree)
		if !ok {
			return
		}
		c := view.Cursor()
		for c.Seek([]byte(v.id)); c.Valid() && bytes.HasPrefix(c.Key(), []byte(v.id)); c.Next() {
			now, err := decodeIdentity(c.Value())
			if !yield(now, err) || err != nil {
				return
			}
		}
		if err := c.Err(); err != nil {
			yield(Identity{}, err)
		}
	}
}

// ValueCounts are how many values a database has.
type ValueCounts struct{ CompareExchange, Identities int64 }

// Counts returns how many there are, at no cost.
func (v *ValueView) Counts() (ValueCounts, error) {
	c, err := readCounts(v.tx, v.id)
	return ValueCounts{CompareExchange: int64(c.exchange), Identities: int64(c.identities)}, err
}

// FirstExpiry returns when the next compare-exchange value expires, which may be past; ok is false when none does.
func (v *ValueView) FirstExpiry() (due time.Time, ok bool, err error) {
	key, due, err := firstExpiry(v.tx, v.id)
	return due, key != nil, err
}

// CheckValues walks over the rows of all databases and yields all that is not as the commands leave it.
func (c *Cluster) CheckValues() iter.Seq[error] {
	return func(yield func(error) bool) {
		err := c.env.View(func(tx *storage.ReadTx) error {
			for err := range c.exchange.Check(tx) {
				if !yield(err) {
					return nil
				}
			}
			for _, err := range checkValues(tx, c.exchange) {
				if !yield(err) {
					return nil
				}
			}
			return nil
		})
		if err != nil {
			yield(err)
		}
	}
}

// checkValues compares the trees with the table: counts, expiries, requests.
func checkValues(tx storage.Tx, rows *table.Table) (problems []error) {
	counts, expiries := map[string]valueCounts{}, uint64(0)
	report := func(format string, args ...any) {
		problems = append(problems, &DecodeError{What: "values of the cluster", Cause: fmt.Errorf(format, args...)})
	}
	for row, err := range rows.Ascend(tx, "", nil) {
		if err != nil {
			return append(problems, err)
		}
		value, err := decodeExchange(&row)
		key := row.Field(exchangeKeyField)
		if err != nil || len(key) <= databaseIDBytes || string(key[databaseIDBytes:]) != strings.ToLower(value.Key) {
			report("row %q is of key %q: %v", key, value.Key, err)
			continue
		}
		id := string(key[:databaseIDBytes])
		counts[id] = valueCounts{counts[id].exchange + 1, counts[id].identities}
		if !value.Expires.IsZero() {
			expiries++
			if _, ok, err := treeValue(tx, expiryTree, expiryKey(key, expirySteps(value.Expires))); err != nil || !ok {
				report("key %q has no entry for its expiry: %v", key, err)
			}
		}
	}
	eachEntry(tx, identitiesTree, report, func(key, _ []byte) {
		id := string(key[:min(len(key), databaseIDBytes)])
		counts[id] = valueCounts{counts[id].exchange, counts[id].identities + 1}
	})
	isGone := map[string]bool{}
	eachEntry(tx, goneTree, report, func(key, _ []byte) { isGone[string(key)] = true })
	eachEntry(tx, expiryTree, report, func(key, _ []byte) {
		if isGone[string(key[:min(len(key), databaseIDBytes)])] {
			return
		}
		expiries--
	})
	eachEntry(tx, countsTree, report, func(key, _ []byte) {
		if c, err := readCounts(tx, string(key)); !isGone[string(key)] && (err != nil || c != counts[string(key)]) {
			report("database %s counts %+v and has %+v: %v", key, c, counts[string(key)], err)
		}
	})
	if expiries != 0 && len(isGone) == 0 {
		report("entries for expiries and values that expire differ by %d", int64(expiries))
	}
	requests := 0
	eachEntry(tx, requestOrderTree, report, func(_, id []byte) {
		requests++
		if _, ok, err := treeValue(tx, requestsTree, id); err != nil || !ok {
			report("request %q is remembered in the order only: %v", id, err)
		}
	})
	eachEntry(tx, requestsTree, report, func(_, _ []byte) { requests-- })
	if requests != 0 {
		report("%d requests stand in one of two trees only", requests)
	}
	return problems
}

func eachEntry(tx storage.Tx, tree string, report func(string, ...any), visit func(key, value []byte)) {
	view, ok := tx.Tree(tree)
	if !ok {
		return
	}
	c := view.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		visit(c.Key(), c.Value())
	}
	if err := c.Err(); err != nil {
		report("tree %s: %v", tree, err)
	}
}
