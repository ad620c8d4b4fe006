package docstore

import "github.com/rookerydb/rookery/internal/changevector"

// Expected is what a write takes for granted about the document. The zero value expects nothing.
type Expected struct {
	kind   expectation
	vector string
}

type expectation uint8

const (
	expectAny expectation = iota
	expectMissing
	expectVector
)

// Any expects nothing: the last write wins.
func Any() Expected { return Expected{} }

// Missing expects that there is no document of that id; a tombstone of it does not matter.
func Missing() Expected { return Expected{kind: expectMissing} }

// At expects the document as it was when it had this change vector. Order of its entries does not matter. Any text may be
// given; what is no change vector is what no document has. The empty text is Missing, as on the wire.
func At(changeVector string) Expected {
	if changeVector == "" {
		return Missing()
	}
	return Expected{kind: expectVector, vector: changeVector}
}

// String returns the change vector, or "any" or "missing".
func (e Expected) String() string {
	switch e.kind {
	case expectMissing:
		return "missing"
	case expectVector:
		return e.vector
	case expectAny:
	}
	return "any"
}

// holds says whether a document with this change vector (nil: there is none) is what e expects.
func (e Expected) holds(actual []byte) bool {
	switch e.kind {
	case expectMissing:
		return actual == nil
	case expectVector:
		return actual != nil && (e.vector == string(actual) || sameVector(e.vector, string(actual)))
	case expectAny:
	}
	return true
}

// sameVector compares as vectors; texts that are none are not the same as anything.
func sameVector(a, b string) bool {
	va, err := changevector.Parse(a)
	if err != nil {
		return false
	}
	vb, err := changevector.Parse(b)
	return err == nil && changevector.Compare(va, vb) == changevector.Equal
}
