package compression

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/storage"
)

// Check walks over the registry and yields everything that is wrong with it. Whether the counts are true only the owner of the
// values can tell: see CheckCounts.
func Check(tx storage.Tx) iter.Seq[error] {
	return func(yield func(error) bool) {
		c := checker{tx: tx, yield: yield, names: map[uint32]string{}}
		c.dictionaries()
		c.current()
		c.usages()
	}
}

// CheckCounts compares the counts of the registry with what the owner of all values counted: values by dictionary.
func CheckCounts(tx storage.Tx, counted map[uint32]uint64) iter.Seq[error] {
	return func(yield func(error) bool) {
		c := checker{tx: tx, yield: yield}
		for id, n := range counted {
			u, found, err := usageIn(tx, id)
			switch {
			case err != nil:
				c.report(err)
			case id != 0 && !found:
				c.report(&zdict.UnknownDictionaryError{ID: id})
			}
			if err == nil && found && u.values != n {
				c.report(&CorruptError{Dictionary: id, Why: fmt.Sprintf("%d values need it, and %d are counted", n, u.values)})
			}
		}
		for d, err := range dictionariesIn(tx) {
			u, _, usageErr := usageIn(tx, d.ID)
			if _, known := counted[d.ID]; err == nil && usageErr == nil && !known && u.values != 0 {
				c.report(&CorruptError{Dictionary: d.ID, Why: fmt.Sprintf("no value needs it, and %d are counted", u.values)})
			}
		}
	}
}

// checker is one check on its way.
type checker struct {
	tx      storage.Tx
	yield   func(error) bool
	stopped bool
	names   map[uint32]string // of the dictionaries that are whole
}

func (c *checker) report(err error) {
	if err != nil && !c.stopped {
		c.stopped = !c.yield(err)
	}
}

func (c *checker) dictionaries() {
	next, err := nextIn(c.tx)
	c.report(err)
	for d, err := range dictionariesIn(c.tx) {
		if err != nil {
			c.report(err)
			continue
		}
		c.names[d.ID] = d.Name
		if _, found, err := dictionaryIn(c.tx, d.ID); err != nil || !found {
			c.report(errors.Join(&CorruptError{Dictionary: d.ID, Why: "it stands under another id"}, err))
		}
		if _, found, err := usageIn(c.tx, d.ID); err != nil || !found {
			c.report(errors.Join(&CorruptError{Dictionary: d.ID, Why: "it has no count"}, err))
		}
		if d.ID >= next {
			c.report(&CorruptError{Dictionary: d.ID, Why: "its id may be given again"})
		}
		if _, err := zdict.NewDecoder(&d, zdict.DecoderOptions{}); err != nil {
			c.report(err)
		}
	}
}

// current looks at what each name uses.
func (c *checker) current() {
	tree, found := c.tx.Tree(registryTree)
	if !found {
		return
	}
	cursor := tree.Cursor()
	for ok := cursor.Seek([]byte{nameKey}); ok && cursor.Key()[0] == nameKey; ok = cursor.Next() {
		name := string(cursor.Key()[1:])
		id, err := decodeID(cursor.Value())
		c.report(err)
		if of, whole := c.names[id]; err == nil && (!whole || of != name) {
			c.report(&CorruptError{Dictionary: id, Why: fmt.Sprintf("%q uses it, which has no such dictionary", name)})
		}
	}
	c.report(cursor.Err())
}

// usages looks for counts of dictionaries that are not there.
func (c *checker) usages() {
	tree, found := c.tx.FixedTree(valuesTree)
	if !found {
		return
	}
	cursor := tree.Cursor()
	for ok := cursor.First(); ok; ok = cursor.Next() {
		if _, whole := c.names[uint32(cursor.Key())]; !whole || cursor.Key()>>32 != 0 {
			c.report(&CorruptError{Why: fmt.Sprintf("there is a count for dictionary %d, which is missing", cursor.Key())})
		}
	}
	c.report(cursor.Err())
}

// Dump writes the registry as text, in the order of the ids.
func Dump(w io.Writer, tx storage.Tx) error {
	for d, err := range dictionariesIn(tx) {
		if err != nil {
			return err
		}
		u, _, err := usageIn(tx, d.ID)
		if err != nil {
			return err
		}
		current, err := currentIn(tx, d.Name)
		if err != nil {
			return err
		}
		use := "old values only"
		if current == d.ID {
			use = "new values"
		}
		if _, err := fmt.Fprintf(w, "dictionary %d of %q, for %s: %d bytes, trained %s on %d samples, ratio %.3f, registered by %d, needed by %d\n",
			d.ID, d.Name, use, len(d.Bytes), d.Trained.Format("2006-01-02T15:04:05.000Z"), d.Samples, d.Ratio, u.since, u.values); err != nil {
			return err
		}
	}
	return nil
}
