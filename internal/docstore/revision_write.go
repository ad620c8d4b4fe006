package docstore

import (
	"bytes"
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/table"
)

// The steps of a write that make revisions. They come after those that write the document: its revision has the next etag.

// planRevision finds out whether the document as it will be is to have a revision.
func (w *write) planRevision() {
	if w.err != nil {
		return
	}
	if w.policy = w.store.revisionPolicy(w.collectionKey); w.policy != nil {
		w.newFlags |= HasRevisions
	}
}

// saveBefore makes a revision of the document as it was, unless the newest one is that already.
func (w *write) saveBefore(wanted bool) {
	if w.err != nil || !wanted || !w.exists {
		return
	}
	var saved bool
	if saved, w.err = w.isSaved(w.previous); saved || w.err != nil {
		return
	}
	flags, extensions, _ := docrow.DecodeFlags(w.lists)
	w.idBytes = append(w.idBytes[:0], w.id...)
	w.addRevision(revision{vector: w.previous, ticks: w.oldTicks, flags: flags, extensions: extensions, body: w.oldBody})
	w.newFlags |= HasRevisions
}

// putRevision makes a revision of the document as it is now, where the policy wants one, and removes those that are beyond it.
func (w *write) putRevision() {
	if w.err == nil && w.policy != nil {
		w.addRevision(revision{vector: w.vector, ticks: w.ticks, flags: w.newFlags, extensions: w.extensions, body: w.given.data})
		w.purge(w.policy)
	}
}

// planDeleteRevision finds out whether the delete is to be a revision.
func (w *write) planDeleteRevision() {
	if w.err == nil {
		w.policy = w.store.revisionPolicy(w.oldCollectionKey)
		w.hadRevisions = w.newFlags&HasRevisions != 0
	}
}

// putDeleteRevision makes the delete a revision, or removes them all.
func (w *write) putDeleteRevision() {
	switch {
	case w.err != nil || w.policy == nil && !w.hadRevisions:
	case w.policy != nil && w.policy.PurgeOnDelete:
		w.removeRevisions(func(*table.Row) bool { return true })
	default:
		w.text = append(w.text[:0], `{"@metadata":{"@collection":`...)
		w.text = append(jsondoc.AppendString(w.text, string(w.collection)), `}}`...)
		if w.data, w.err = w.parser.Append(w.data[:0], w.text); w.err != nil {
			return
		}
		w.addRevision(revision{vector: w.vector, ticks: w.ticks, flags: DeleteRevision, body: w.data})
		if w.policy != nil {
			w.purge(w.policy)
		}
	}
}

// revision is a state of the document to be kept.
type revision struct {
	vector     []byte
	ticks      [8]byte
	flags      Flags
	extensions Extensions
	body       jsondoc.Doc
}

// addRevision stores r under the next etag.
func (w *write) addRevision(r revision) {
	w.state.etag++
	var etag [8]byte
	binary.BigEndian.PutUint64(etag[:], uint64(w.state.etag))
	w.revisionKey = append(append(w.revisionKey[:0], w.key...), 0)
	w.revisionFlags = docrow.AppendFlags(w.revisionFlags[:0], r.flags|HasRevisions|Revision, r.extensions)
	collectionKey := w.collectionKey
	if len(collectionKey) == 0 { // before a put has settled the new one, which is the same
		collectionKey = w.oldCollectionKey
	}
	fields := [documentFields][]byte{
		fieldKey: w.revisionKey, fieldID: w.idBytes, fieldEtag: etag[:], fieldVector: r.vector, fieldTime: r.ticks[:], fieldFlags: w.revisionFlags,
		fieldCollectionKey: collectionKey, fieldCollection: w.collection, fieldData: r.body,
	}
	if w.err = w.store.revisions.Put(w.tx, fields[:]); w.err != nil {
		return
	}
	if r.flags&DeleteRevision != 0 {
		if w.err = w.noteDelete(etag[:], true); w.err != nil {
			return
		}
	}
	w.countRevisions(collectionKey, 1, sumLengths(fields[:]))
}

// noteDelete lists a delete, or takes it from the list.
func (w *write) noteDelete(etag []byte, there bool) error {
	tree, err := w.tx.WriteTree(deletedTree)
	if err != nil {
		return err
	}
	if there {
		return tree.Put(etag, w.revisionKey)
	}
	_, err = tree.Delete(etag)
	return err
}

// countRevisions adds to the counts of the document and of its collection.
func (w *write) countRevisions(collectionKey []byte, n, sizeBytes int64) {
	if w.err == nil {
		w.err = w.addNumbers(revisionCountsTree, w.key, n)
	}
	if w.err == nil {
		w.err = w.addNumbers(revisionCollectionsTree, bytes.TrimSuffix(collectionKey, []byte{0}), n, sizeBytes)
	}
}

// addNumbers adds to the numbers that key has in a tree; when the first falls to zero the key goes.
func (w *write) addNumbers(name string, key []byte, add ...int64) error {
	tree, err := w.tx.WriteTree(name)
	if err != nil {
		return err
	}
	value, ok, err := tree.Get(key)
	if err != nil {
		return err
	}
	if ok && len(value) != 8*len(add) {
		return &CorruptDocumentError{Where: name, Key: string(key), Why: "a record of another length"}
	}
	w.record = w.record[:0]
	for i, n := range add {
		if ok {
			n += int64(binary.BigEndian.Uint64(value[8*i:]))
		}
		if n < 0 {
			return &CorruptDocumentError{Where: name, Key: string(key), Why: "a count would fall below zero"}
		}
		w.record = binary.BigEndian.AppendUint64(w.record, uint64(n))
	}
	if binary.BigEndian.Uint64(w.record) == 0 {
		_, err = tree.Delete(key)
		return err
	}
	return tree.Put(key, w.record)
}

// purge removes the oldest revisions that p does not keep.
func (w *write) purge(p *RevisionPolicy) {
	if w.err != nil || p.Keep == nil && p.KeepAge <= 0 {
		return
	}
	count, err := w.store.RevisionCount(w.tx, w.id)
	if err != nil {
		w.err = err
		return
	}
	beyond, removed := int64(0), int64(0)
	if p.Keep != nil {
		beyond = max(0, count-*p.Keep)
	} else {
		beyond = count - 1 // the newest is never too old
	}
	before := ticksOf(w.at.Add(-p.KeepAge))
	w.removeRevisions(func(row *table.Row) bool {
		if removed >= beyond || p.DeletesMax > 0 && removed >= p.DeletesMax {
			return false
		}
		if p.KeepAge > 0 && int64(binary.BigEndian.Uint64(row.Field(fieldTime))) >= before {
			return false
		}
		removed++
		return true
	})
}

// removeRevisions removes revisions of the document, oldest first, until goes says no.
func (w *write) removeRevisions(goes func(*table.Row) bool) {
	for w.err == nil {
		found := false
		for row, err := range w.store.revisions.AscendPrefix(w.tx, "", append(w.revisionKey[:0], append(w.key, 0)...)) {
			if err != nil {
				w.err = err
				return
			}
			if found = goes(&row); found {
				w.removeRevision(&row)
			}
			break // pages move with each change
		}
		if !found {
			return
		}
	}
}

func (w *write) removeRevision(row *table.Row) {
	w.revisionKey = append(w.revisionKey[:0], row.Field(fieldKey)...)
	etag := bytes.Clone(row.Field(fieldEtag))
	collectionKey := bytes.Clone(row.Field(fieldCollectionKey))
	sizeBytes := int64(row.FieldBytes())
	flags, _, _ := docrow.DecodeFlags(row.Field(fieldFlags))
	if _, w.err = w.store.revisions.Delete(w.tx, append(bytes.Clone(w.revisionKey), etag...)); w.err != nil {
		return
	}
	if flags&DeleteRevision != 0 {
		if w.err = w.noteDelete(etag, false); w.err != nil {
			return
		}
	}
	w.countRevisions(collectionKey, -1, -sizeBytes)
}

// isSaved says whether the newest revision of the document is the state with this change vector.
func (w *write) isSaved(vector []byte) (bool, error) {
	for d, err := range w.store.Revisions(w.tx, w.id) {
		return err == nil && d.ChangeVector == string(vector), err
	}
	return false, nil
}
