package docstore

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/table"
)

// revisions checks the rows of revisions, and compares the three trees beside them with what the rows say.
func (c *checker) revisions() {
	ofDocuments, ofCollections, deletes := map[string][]int64{}, map[string][]int64{}, map[string]string{}
	for row, err := range c.store.revisions.Ascend(c.tx, "", nil) {
		if err != nil || c.stopped {
			return // the table's own check has reported it
		}
		c.report(c.revision(&row))
		key := string(bytes.TrimSuffix(row.Field(fieldKey), []byte{0}))
		add(ofDocuments, key, 1)
		add(ofCollections, string(bytes.TrimSuffix(row.Field(fieldCollectionKey), []byte{0})), 1, int64(row.FieldBytes()))
		if flags, _, _ := docrow.DecodeFlags(row.Field(fieldFlags)); flags&DeleteRevision != 0 {
			deletes[string(row.Field(fieldEtag))] = string(row.Field(fieldKey))
		}
	}
	c.numbers(revisionCountsTree, ofDocuments)
	c.numbers(revisionCollectionsTree, ofCollections)
	c.values(deletedTree, deletes)
}

// revision checks one row.
func (c *checker) revision(row *table.Row) error {
	if why := docrow.LengthProblem(row); why != "" {
		return corruptRow(revisionsTable, row, why)
	}
	if !bytes.Equal(append(docrow.AppendFolded(nil, row.Field(fieldID)), 0), row.Field(fieldKey)) {
		return corruptRow(revisionsTable, row, "its key is not its id in lower case with a zero byte")
	}
	if etag := docrow.Etag(row); etag <= 0 || etag > c.state.etag {
		return corruptRow(revisionsTable, row, fmt.Sprintf("etag %d was never given, the last one is %d", etag, c.state.etag))
	}
	if flags, _, _ := docrow.DecodeFlags(row.Field(fieldFlags)); flags&Revision == 0 {
		return corruptRow(revisionsTable, row, "its flags do not call it a revision")
	}
	if _, err := jsondoc.Check(row.Field(fieldData)); err != nil {
		return fmt.Errorf("revision of %q: %w", row.Field(fieldID), err)
	}
	return nil
}

func add(sums map[string][]int64, key string, numbers ...int64) {
	if sums[key] == nil {
		sums[key] = make([]int64, len(numbers))
	}
	for i, n := range numbers {
		sums[key][i] += n
	}
}

// numbers compares the records of a tree with sums.
func (c *checker) numbers(name string, sums map[string][]int64) {
	want := make(map[string]string, len(sums))
	for key, numbers := range sums {
		var record []byte
		for _, n := range numbers {
			record = binary.BigEndian.AppendUint64(record, uint64(n))
		}
		want[key] = string(record)
	}
	c.values(name, want)
}

// values compares a tree with what it should hold.
func (c *checker) values(name string, want map[string]string) {
	if tree, ok := c.tx.Tree(name); ok {
		cur := tree.Cursor()
		for ok := cur.First(); ok; ok = cur.Next() {
			if value, known := want[string(cur.Key())]; !known || value != string(cur.Value()) {
				c.report(&CorruptDocumentError{Where: name, Key: string(cur.Key()), Why: fmt.Sprintf("the record is %x, the revisions say %x", cur.Value(), value)})
			}
			delete(want, string(cur.Key()))
		}
		c.report(cur.Err())
	}
	for key, value := range want {
		c.report(&CorruptDocumentError{Where: name, Key: key, Why: fmt.Sprintf("no record, the revisions say %x", value)})
	}
}
