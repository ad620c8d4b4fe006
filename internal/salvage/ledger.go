package salvage

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/table/row"
)

// ledger remembers which versions of which ids were found, and decides between them: see settle.
//
// Ids are kept as hashes of 128 bits: two different ids with one hash are less likely than a sound checksum over damage.
type ledger struct {
	rows   []entry
	max    int      // rows kept in memory
	temp   tempFile // the rows that were found before those in memory
	stored int
}

// entry is one row in the ledger.
type entry struct {
	id   xxh3.Uint128 // of the lower-case id
	etag int64
	what uint64 // ordinal times 4, plus the bits below
}

const (
	tombstoneBit = 1 // it is a tombstone, else a document
	unusedBit    = 2 // it lies where nothing is in use
	whatBits     = 2

	entryBytes = 32
)

// add notes a row.
func (l *ledger) add(f found) error {
	what := uint64(f.ordinal) << whatBits
	if f.row.Kind() == docrow.TombstoneKind {
		what |= tombstoneBit
	}
	if f.use == unused {
		what |= unusedBit
	}
	l.rows = append(l.rows, entry{id: idHash(f.row), etag: docrow.Etag(f.row), what: what})
	if len(l.rows) < l.max {
		return nil
	}
	return l.spill()
}

func idHash(r *row.Row) xxh3.Uint128 { return xxh3.Hash128(r.Field(docrow.FieldKey)) }

// spill moves the rows in memory to the temporary file.
func (l *ledger) spill() error {
	block := make([]byte, 0, len(l.rows)*entryBytes)
	for _, e := range l.rows {
		block = binary.LittleEndian.AppendUint64(block, e.id.Hi)
		block = binary.LittleEndian.AppendUint64(block, e.id.Lo)
		block = binary.LittleEndian.AppendUint64(block, uint64(e.etag))
		block = binary.LittleEndian.AppendUint64(block, e.what)
	}
	l.stored += len(l.rows)
	l.rows = l.rows[:0]
	return l.temp.write(block, l.temp.reserve(len(block)))
}

// settle decides what becomes of each row, by these rules for the rows of one id:
//
//   - Of documents in use the one with the greatest etag is written, unless a tombstone has a greater one: then it is
//     possibly deleted.
//   - Of documents not in use the one with the greatest etag is possibly deleted, if no document in use is newer.
//   - All others are superseded.
//
// So each id is written once to either file, at most. rows is how many rows there are.
func (l *ledger) settle(rows int64) (verdicts, error) {
	v := newVerdicts(rows)
	if l.stored == 0 {
		decide(l.rows, v)
		return v, nil
	}
	if err := l.spill(); err != nil {
		return nil, err
	}
	parts := uint64(l.stored/l.max + 1) // a share of the ids at a time, so that their rows fit into memory
	for part := range parts {
		if err := l.loadPart(part, parts); err != nil {
			return nil, err
		}
		decide(l.rows, v)
	}
	return v, nil
}

// loadPart loads the rows whose ids belong to one of so many parts.
func (l *ledger) loadPart(part, parts uint64) error {
	l.rows = l.rows[:0]
	block := make([]byte, min(l.stored, 1<<15)*entryBytes)
	for at := 0; at < l.stored*entryBytes; at += len(block) {
		b := block[:min(len(block), l.stored*entryBytes-at)]
		if err := l.temp.read(b, int64(at)); err != nil {
			return err
		}
		for ; len(b) > 0; b = b[entryBytes:] {
			if id := binary.LittleEndian.Uint64(b[8:]); id%parts == part {
				l.rows = append(l.rows, entry{
					id:   xxh3.Uint128{Hi: binary.LittleEndian.Uint64(b), Lo: id},
					etag: int64(binary.LittleEndian.Uint64(b[16:])), what: binary.LittleEndian.Uint64(b[24:]),
				})
			}
		}
	}
	return nil
}

// decide settles all rows, which it sorts.
func decide(rows []entry, v verdicts) {
	slices.SortFunc(rows, func(a, b entry) int {
		return cmp.Or(
			cmp.Compare(a.id.Hi, b.id.Hi), cmp.Compare(a.id.Lo, b.id.Lo), cmp.Compare(b.etag, a.etag),
			cmp.Compare(a.what&unusedBit, b.what&unusedBit), cmp.Compare(a.what, b.what), // what is in use comes before its copies
		)
	})
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].id == rows[0].id {
			n++
		}
		decideID(rows[:n], v)
		rows = rows[n:]
	}
}

// decideID settles the rows of one id, newest first.
func decideID(rows []entry, v verdicts) {
	deleted := false // by a tombstone newer than the row
	written := false // one possibly deleted document is enough
	for _, e := range rows {
		switch {
		case e.what&tombstoneBit != 0:
			deleted = true
		case e.what&unusedBit != 0 || deleted:
			if !written {
				v.set(e.ordinal(), possiblyDeleted)
				written = true
			}
			if e.what&unusedBit == 0 {
				return // the newest one in use
			}
		default:
			v.set(e.ordinal(), document)
			return
		}
	}
}

func (e entry) ordinal() int64 { return int64(e.what >> whatBits) }

func (l *ledger) close() error { return l.temp.close() }

// verdict is what becomes of a row.
type verdict uint8

const (
	superseded verdict = iota // or a tombstone
	document
	possiblyDeleted
)

// verdicts are those of all rows, by ordinal, four in a byte.
type verdicts []uint8

func newVerdicts(rows int64) verdicts { return make(verdicts, (rows+3)/4) }

func (v verdicts) set(ordinal int64, to verdict) { v[ordinal/4] |= uint8(to) << (ordinal % 4 * 2) }

func (v verdicts) of(ordinal int64) verdict { return verdict(v[ordinal/4] >> (ordinal % 4 * 2) & 3) }
