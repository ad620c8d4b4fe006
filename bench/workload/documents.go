package workload

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
)

const (
	keyBytes      = 16  // a random key, as an id would be after hashing
	documentBytes = 404 // a small document
	orderBytes    = 1024
	seed          = 20260101
	templateCount = 512 // different documents that are taken in turn
	markOff       = 7   // where the number of a document stands in it, behind {"No":"
	markBytes     = 16
)

// appendKey appends the key of document i: random-looking, different for every i, the same in every run.
func appendKey(dst []byte, i uint64) []byte {
	dst = binary.BigEndian.AppendUint64(dst, mix(i*2+seed))
	return binary.BigEndian.AppendUint64(dst, mix(i*2+1+seed))
}

// appendAscendingKey appends the key of document i, above those of all documents before it.
func appendAscendingKey(dst []byte, i uint64) []byte {
	dst = binary.BigEndian.AppendUint64(dst, i)
	return binary.BigEndian.AppendUint64(dst, mix(i+seed))
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// documents holds texts made ahead, so that making them costs the measured loop only a copy.
type documents struct {
	templates [][]byte
}

// newDocuments makes JSON texts of exactly size bytes that compress about as well as real ones do.
func newDocuments(size int) *documents {
	r := rand.New(rand.NewPCG(seed, uint64(size)))
	d := &documents{}
	for range templateCount {
		d.templates = append(d.templates, newTemplate(r, size))
	}
	return d
}

// appendTo appends the text of document i, which names its number so that a reader can tell that it got the right one.
func (d *documents) appendTo(dst []byte, i uint64) []byte {
	start := len(dst)
	dst = append(dst, d.templates[i%templateCount]...)
	putMark(dst[start+markOff:], i)
	return dst
}

// putMark writes i as 16 hexadecimal digits.
func putMark(dst []byte, i uint64) {
	for k := markBytes - 1; k >= 0; k-- {
		dst[k] = "0123456789abcdef"[i&15]
		i >>= 4
	}
}

// isDocument says whether text is what appendTo made for i, as far as its number shows.
func isDocument(text []byte, i uint64) bool {
	var mark [markBytes]byte
	putMark(mark[:], i)
	return len(text) >= markOff+markBytes && string(text[markOff:markOff+markBytes]) == string(mark[:])
}

// newTemplate makes an order: some fields, lines until it is nearly long enough, and a note that fills it up.
func newTemplate(r *rand.Rand, size int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"No":"%016d","Company":"companies/%d-A","Employee":"employees/%d-A","OrderedAt":"1997-%02d-%02dT00:00:00.0000000","Freight":%d.%02d,"Lines":[`,
		0, r.IntN(5000), r.IntN(100), 1+r.IntN(12), 1+r.IntN(28), r.IntN(500), r.IntN(100))
	const note, end = `],"Note":"`, `","@metadata":{"@collection":"Orders"}}`
	for first := true; ; first = false {
		line := fmt.Sprintf(`{"Product":"products/%d-A","PricePerUnit":%d.%02d,"Quantity":%d}`, r.IntN(2000), r.IntN(100), r.IntN(100), 1+r.IntN(60))
		if b.Len()+1+len(line)+len(note)+len(end) > size {
			break
		}
		if !first {
			b.WriteByte(',')
		}
		b.WriteString(line)
	}
	b.WriteString(note)
	for b.Len()+len(end) < size {
		b.WriteByte(byte('a' + r.IntN(26)))
	}
	b.WriteString(end)
	return []byte(b.String())
}
