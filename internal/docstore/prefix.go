package docstore

import (
	"bytes"
	"iter"

	"github.com/rookerydb/rookery/internal/storage"
)

// PrefixQuery asks for documents by the beginning of their ids. Casing matters nowhere in it.
type PrefixQuery struct {
	Prefix string // empty: all documents
	// Matches and Exclude are patterns over the rest of the id behind the prefix: "*" for any run of characters, "?" for
	// one, alternatives with "|" between them. At least one of Matches must match, none of Exclude may. Empty: not given.
	Matches, Exclude string
	StartAfter       string // skip all ids up to and including this one; empty: not given
	Start            int    // how many documents to skip of those that match
	Limit            int    // how many to yield at most; 0: all
}

// ByPrefix yields the documents that q asks for, in the order of their lower-case ids. The sequence ends at its first error.
func (s *Store) ByPrefix(tx storage.Tx, q PrefixQuery) iter.Seq2[Document, error] {
	prefix := appendFolded(nil, q.Prefix)
	matches, exclude := parsePattern(q.Matches), parsePattern(q.Exclude)
	return func(yield func(Document, error) bool) {
		skipped, yielded := 0, 0
		for row, err := range s.documents.Ascend(tx, "", q.from(prefix)) {
			if err != nil {
				yield(Document{}, err)
				return
			}
			rest, ok := bytes.CutPrefix(row.Field(fieldKey), prefix)
			if !ok {
				return
			}
			if matches != nil && !matches.matches(rest) || exclude.matches(rest) {
				continue
			}
			if skipped < q.Start {
				skipped++
				continue
			}
			d, err := s.decodeDocument(&row, "")
			yielded++
			if !yield(d, err) || err != nil || yielded == q.Limit {
				return
			}
		}
	}
}

// from returns the least lower-case id that can be in the answer.
func (q PrefixQuery) from(prefix []byte) []byte {
	if q.StartAfter == "" {
		return prefix
	}
	after := append(appendFolded(nil, q.StartAfter), 0) // no id lies between one and the same with a zero behind
	if bytes.Compare(after, prefix) < 0 {
		return prefix
	}
	return after
}

// DeletePrefix deletes every document whose id begins with prefix, in any casing, and returns how many there were. All of
// them go in the one transaction. An empty prefix, which would be every document, is an *InvalidIDError.
func (s *Store) DeletePrefix(tx *storage.WriteTx, prefix string) (n int, err error) {
	if prefix == "" {
		return 0, &InvalidIDError{Why: "a prefix to delete by must not be empty"}
	}
	for {
		id, ok, err := s.firstByPrefix(tx, prefix)
		if err != nil || !ok {
			return n, err
		}
		if _, _, err := s.Delete(tx, id, Any()); err != nil {
			return n, err
		}
		n++
	}
}

// firstByPrefix returns the first id that begins with prefix. Deleting it makes every cursor stale, so the next one is
// looked up anew.
func (s *Store) firstByPrefix(tx storage.Tx, prefix string) (id string, ok bool, err error) {
	for d, err := range s.ByPrefix(tx, PrefixQuery{Prefix: prefix, Limit: 1}) {
		return d.ID, err == nil, err
	}
	return "", false, nil
}
