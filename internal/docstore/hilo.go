package docstore

import (
	"math"
	"strconv"
	"time"

	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
)

// HiLoCollection is where the documents are that say which numbers were given out.
const HiLoCollection = "@hilo"

// hiLoPrefix stands before the tag in the id of such a document.
const hiLoPrefix = "Raven/Hilo/"

// hiLoMax is the one property that counts. Whatever else the document has is kept.
const hiLoMax = "Max"

// A range that lasted less than hiLoQuick was too small: asking so often costs more than unused numbers. One that lasted
// more than hiLoSlow was larger than needed.
const (
	hiLoQuick = 30 * time.Second
	hiLoSlow  = 2 * time.Minute
)

// HiLoRequest asks for a range of numbers, from which a client makes ids without asking again.
type HiLoRequest struct {
	Tag         string    // what the ids begin with, such as "users"
	LastSize    int64     // how large the client's last range was; 0: it had none
	LastRangeAt time.Time // when it got that range; zero: never
	LastMax     int64     // the highest number it has used or seen: none up to it is given again
}

// HiLoRange is a range of numbers that no one else gets.
type HiLoRange struct {
	Low, High int64 // both included
	Size      int64 // the size of this range, to be sent back as LastSize
	At        time.Time
}

// NextHiLo takes the next range for a tag. What was given out is kept in the document Raven/Hilo/<tag>.
//
// Errors: *InvalidIDError for an empty or unfit tag, *HiLoError, and those of Put.
func (s *Store) NextHiLo(tx *storage.WriteTx, r HiLoRequest) (HiLoRange, error) {
	h, err := s.loadHiLo(tx, r.Tag)
	if err != nil {
		return HiLoRange{}, err
	}
	now := timeOf(ticksOf(s.now()))
	used, size := max(h.max, r.LastMax, 0), nextHiLoSize(r, now)
	if used > math.MaxInt64-size {
		return HiLoRange{}, &HiLoError{ID: h.id, Why: "there are no numbers left"}
	}
	if err := s.putHiLo(tx, h, used+size); err != nil {
		return HiLoRange{}, err
	}
	return HiLoRange{Low: used + 1, High: used + size, Size: size, At: now}, nil
}

// ReturnHiLo takes back the unused end of a client's last range: last is the highest number used, end the range's High. It
// changes nothing when somebody took another range meanwhile, or when there is nothing to give back.
func (s *Store) ReturnHiLo(tx *storage.WriteTx, tag string, last, end int64) error {
	h, err := s.loadHiLo(tx, tag)
	if err != nil {
		return err
	}
	if !h.exists || h.max != end || last >= end || last < 0 {
		return nil
	}
	return s.putHiLo(tx, h, last)
}

// nextHiLoSize doubles the size for who comes back soon and halves it for who comes back late, within bounds.
func nextHiLoSize(r HiLoRequest, now time.Time) int64 {
	size := min(max(r.LastSize, hiLoSizeMin), hiLoSizeMax)
	if r.LastSize <= 0 {
		return size
	}
	switch lasted := now.Sub(r.LastRangeAt); {
	case lasted < hiLoQuick:
		return min(2*size, hiLoSizeMax)
	case lasted > hiLoSlow:
		return max(size/2, hiLoSizeMin)
	}
	return size
}

// hiLo is the document of one tag.
type hiLo struct {
	id     string
	exists bool
	max    int64
	data   jsondoc.Doc // in a page
}

// loadHiLo reads the document of tag; when there is none its max is 0.
func (s *Store) loadHiLo(tx storage.Tx, tag string) (hiLo, error) {
	h := hiLo{id: hiLoPrefix + tag}
	if tag == "" {
		return h, &InvalidIDError{ID: h.id, Why: "the tag is empty"}
	}
	d, ok, err := s.Get(tx, h.id)
	if err != nil || !ok {
		return h, err
	}
	h.exists, h.data = true, d.Data
	value, _ := d.Data.Root().Field(hiLoMax)
	if h.max, ok = value.Int64(); !ok {
		return h, &HiLoError{ID: h.id, Why: "its property Max must be a whole number; giving out numbers without knowing it could repeat them"}
	}
	return h, nil
}

// putHiLo stores that all numbers up to highest were given out.
func (s *Store) putHiLo(tx *storage.WriteTx, h hiLo, highest int64) error {
	text := strconv.AppendInt(nil, highest, 10)
	var data jsondoc.Doc
	var err error
	if h.exists {
		data, err = jsondoc.Set(h.data, []string{hiLoMax}, text)
	} else {
		data, err = jsondoc.Parse([]byte(`{"Max":` + string(text) + `,"@metadata":{"@collection":"` + HiLoCollection + `"}}`))
	}
	if err == nil {
		_, err = s.Put(tx, Put{ID: h.id, Data: data, Separator: noSeparator})
	}
	return err
}
