package docstore

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
)

// separatorDefault stands between the parts of an id.
const separatorDefault = '/'

// noSeparator stands in no id, so that none is completed.
const noSeparator = 1

// idPlan is what a given id asks the server to do.
type idPlan uint8

const (
	idAsGiven  idPlan = iota
	idFromEtag        // ends with the separator: number and node tag are appended
	idRandom          // empty: a GUID
)

// planID checks an id given to Put and says what becomes of it. Errors are *InvalidIDError and *IdentityIDError.
func planID(id string, separator byte) (idPlan, error) {
	if id == "" {
		return idRandom, nil
	}
	if err := checkID(id); err != nil {
		return idAsGiven, err
	}
	switch id[len(id)-1] {
	case '|':
		return idAsGiven, &IdentityIDError{ID: id}
	case separator:
		return idFromEtag, nil
	}
	return idAsGiven, nil
}

// checkID refuses what no id may be.
func checkID(id string) error {
	if len(id) > IDBytesMax {
		return &InvalidIDError{ID: strings.ToValidUTF8(id[:64], "") + "…", Why: "longer than 512 bytes", TooLong: true}
	}
	if why := docrow.IDProblem(id); why != "" {
		return &InvalidIDError{ID: strings.ToValidUTF8(id, "\uFFFD"), Why: why}
	}
	return nil
}

// appendEtagID appends an id made by the server: prefix, the etag in 19 digits, so that ids sort as they were made, and
// the node's tag, so that no other node makes the same.
func appendEtagID(dst []byte, prefix string, etag int64, tag string) []byte {
	dst = append(dst, prefix...)
	var digits [19]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + etag%10)
		etag /= 10
	}
	dst = append(dst, digits[:]...)
	dst = append(dst, '-')
	return append(dst, tag...)
}

// appendGUID appends a random (version 4) UUID in its 8-4-4-4-12 form, see RFC 9562 section 5.4.
func appendGUID(dst []byte, r *rand.Rand) []byte {
	var b [16]byte
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	for i, part := range [...][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// appendFolded appends s in the form in which ids and collections are compared.
func appendFolded[S string | []byte](dst []byte, s S) []byte { return docrow.AppendFolded(dst, s) }
