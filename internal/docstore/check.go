package docstore

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// Check walks over all documents and tombstones and yields everything that is not as Put and Delete leave it. It goes on
// after each problem. Trees, sections and pages are storage's to check.
func (s *Store) Check(tx storage.Tx) iter.Seq[error] {
	return func(yield func(error) bool) {
		c := checker{store: s, tx: tx, yield: yield, counted: map[string]counts{}}
		var err error
		c.state, err = readState(tx)
		c.report(err)
		c.tables()
		c.documents()
		c.tombstones()
		c.collections()
		c.revisions()
	}
}

// checker is one run of Check.
type checker struct {
	store   *Store
	tx      storage.Tx
	yield   func(error) bool
	stopped bool
	state   state
	counted map[string]counts // by lower-case collection
}

func (c *checker) report(err error) {
	if err != nil && !c.stopped {
		c.stopped = !c.yield(err)
	}
}

// tables lets the tables compare their rows and indexes.
func (c *checker) tables() {
	for _, t := range [...]*table.Table{c.store.documents, c.store.tombstones, c.store.revisions} {
		for err := range t.Check(c.tx) {
			c.report(err)
			if c.stopped {
				return
			}
		}
	}
}

func (c *checker) documents() {
	c.rows(documentsTable, c.store.documents, func(row *table.Row) error {
		if _, err := jsondoc.Check(row.Field(fieldData)); err != nil {
			return fmt.Errorf("document %q: %w", row.Field(fieldID), err)
		}
		return nil
	}, func(bytes int64) counts { return counts{documents: 1, documentBytes: bytes} })
}

func (c *checker) tombstones() {
	c.rows(tombstonesTable, c.store.tombstones, func(row *table.Row) error {
		_, both, err := c.store.documents.Get(c.tx, row.Field(fieldKey))
		if err == nil && both {
			err = corruptRow(tombstonesTable, row, "there is a document of the same id")
		}
		return err
	}, func(bytes int64) counts { return counts{tombstones: 1, tombstoneBytes: bytes} })
}

// rows checks what rows of both tables have in common and, by own, what they have not; it counts them as counts says.
func (c *checker) rows(where string, t *table.Table, own func(*table.Row) error, count func(bytes int64) counts) {
	for row, err := range t.Ascend(c.tx, "", nil) {
		if err != nil || c.stopped {
			return // the table's own check has reported it
		}
		err = c.row(where, &row)
		if err == nil {
			err = own(&row)
		}
		c.report(err)
		key := string(bytes.TrimSuffix(row.Field(fieldCollectionKey), []byte{0}))
		c.counted[key] = c.counted[key].plus(count(int64(row.FieldBytes())))
	}
}

// row checks the fields that documents and tombstones share.
func (c *checker) row(where string, row *table.Row) error {
	if why := docrow.Problem(row); why != "" {
		return corruptRow(where, row, why)
	}
	if etag := docrow.Etag(row); etag > c.state.etag {
		return corruptRow(where, row, fmt.Sprintf("etag %d was never given, the last one is %d", etag, c.state.etag))
	}
	return nil
}

// collections compares what was counted with the records.
func (c *checker) collections() {
	list, err := c.store.Collections(c.tx)
	c.report(err)
	for _, have := range list {
		key := string(appendFolded(nil, have.Name))
		got := counts{have.Documents, have.Tombstones, have.SizeBytes, have.TombstoneBytes}
		if want := c.counted[key]; got != want {
			c.report(&CorruptDocumentError{Where: collectionsTree, Key: key, Why: fmt.Sprintf("record says %+v, there are %+v", got, want)})
		}
		delete(c.counted, key)
	}
	for key, n := range c.counted {
		c.report(&CorruptDocumentError{Where: collectionsTree, Key: key, Why: fmt.Sprintf("no record, there are %+v", n)})
	}
}

func corruptRow(where string, row *table.Row, why string) error {
	return &CorruptDocumentError{Where: where, Key: string(row.Field(fieldKey)), Why: why}
}
