package cluster

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// idBytes is the length of a database id before it is written as text: 128 random bits never repeat.
const idBytes = 16

// newDatabaseID returns 128 random bits as 22 characters of base64, the form that change vectors hold.
func newDatabaseID(r *rand.Rand) string {
	b := randomBits(r)
	return base64.RawStdEncoding.EncodeToString(b[:])
}

// validDatabaseID reports whether id has that form.
func validDatabaseID(id string) bool {
	b, err := base64.RawStdEncoding.Strict().DecodeString(id)
	return err == nil && len(b) == idBytes
}

// newGUID returns a random UUID of version 4 (RFC 9562 5.4).
func newGUID(r *rand.Rand) string {
	b := randomBits(r)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func randomBits(r *rand.Rand) [idBytes]byte {
	var b [idBytes]byte
	binary.BigEndian.PutUint64(b[:8], r.Uint64())
	binary.BigEndian.PutUint64(b[8:], r.Uint64())
	return b
}
