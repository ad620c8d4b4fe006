package storage

import "github.com/rookerydb/rookery/internal/storage/section"

// InMemory says whether pages are used where they lie. Where they are read into frames, each one that is asked for costs
// memory until it is given back.
func (tx *ReadTx) InMemory() bool { return tx.snap.file.region != nil }

// Touch asks memory for spots of pages that will be read; see section.Toucher. The loop is short, so that the processor has
// all loads under way before the first one ends, and it verifies nothing: Page does.
func (tx *ReadTx) Touch(at []section.Spot) (seen uint64) {
	mapped, versions := tx.snap.file.bytes, tx.snap.table
	for _, s := range at {
		if versions.root != nil {
			if b := versions.get(s.Page); b != nil {
				seen += uint64(b.data[0]) + uint64(b.data[s.Off%pageBytes])
				continue
			}
		}
		if s.Page < PageNo(len(mapped)/pageBytes) {
			p := (*[pageBytes]byte)(mapped[s.Page*pageBytes:])
			seen += uint64(p[0]) + uint64(p[s.Off%pageBytes])
		}
	}
	return seen
}
