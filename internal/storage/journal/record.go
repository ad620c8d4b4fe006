package journal

import (
	"encoding/binary"

	"github.com/klauspost/compress/s2"
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/zeebo/xxh3"
)

// EnvID tells the records of one environment from those of all others, such as files copied into the wrong directory.
type EnvID [16]byte

// Header is what a record says besides its changes.
type Header struct {
	Env      EnvID
	Journal  uint64 // number of the file it lies in
	Tx       uint64
	Prev     uint64 // hash of the record before it
	NextPage uint64 // pages the data file needs afterwards
	State    []byte // the caller's state afterwards, at most StateBytesMax
	Hash     uint64 // of the record; set by AppendRecord and DecodeRecord
}

// Record is a decoded record.
type Record struct {
	Header
	Payload []byte // changes, see DecodeChange
	Bytes   int    // length in the file, a multiple of BlockBytes
}

// AppendRecord appends a record, padded to BlockBytes, and returns its hash too. Payloads longer than compressAbove
// bytes are compressed, when that saves a block. The memory of dst should be aligned for vfs.WriteThrough.
//
// With a cipher the record is encrypted; the error is then of its nonce.
func AppendRecord(dst []byte, h Header, payload []byte, compressAbove int, c Cipher) (record []byte, hash uint64, err error) {
	base := len(dst)
	dst = growAligned(dst, recordBytesMax(len(payload), compressAbove))
	record = dst[base:cap(dst)]
	stored, flags := putPayload(record[HeaderBytes:], payload, compressAbove)
	record = record[:paddedBytes(HeaderBytes+stored)]
	hash, err = seal(record, h, body{stored: stored, raw: len(payload), flags: flags}, c)
	return dst[:base+len(record)], hash, err
}

// Decoder reads records. With a cipher all of them must be encrypted, without one none.
type Decoder struct {
	Cipher Cipher

	plain, raw []byte // memory for payloads that do not lie in the file as they are
	state      []byte // see keep
}

// DecodeRecord takes a record in clear; see Decoder.Decode.
func DecodeRecord(src []byte) (Record, error) { return new(Decoder).Decode(src) }

// Decode takes the record that src begins with; src may be longer and is not changed. State lies in src, Payload too, or in
// memory of the decoder: it is valid until the next call.
//
// *DecodeError when the bytes are no record, or its hash or tag does not agree. Whether it is the right one (environment,
// journal, order) is for the caller to say.
func (d *Decoder) Decode(src []byte) (Record, error) {
	h, size, err := ReadHeader(src)
	if err != nil {
		return Record{}, err
	}
	stored, _ := storedBytes(src) // as ReadHeader has found it
	r := Record{Header: h, Bytes: size}
	payload, err := d.decrypt(src[:HeaderBytes], src[HeaderBytes:HeaderBytes+stored:HeaderBytes+stored])
	if err != nil {
		return Record{}, err
	}
	r.Payload, err = d.decompress(src[:HeaderBytes], payload)
	return r, err
}

// keep makes r, which Decode returned, valid until the next call of Decode, whatever becomes of the bytes that it lay in.
func (d *Decoder) keep(r *Record) {
	d.state = append(d.state[:0], r.State...)
	r.State = d.state
	if n := len(r.Payload); n > 0 && (len(d.raw) == 0 || &r.Payload[0] != &d.raw[0]) {
		d.raw = append(d.raw[:0], r.Payload...)
		r.Payload = d.raw
	}
}

// ReadHeader returns the header of the record that src begins with, and the record's length in the file, once the hash over all of
// it agrees. The payload is not looked at, so no cipher is needed. State lies in src. *DecodeError as from Decode.
func ReadHeader(src []byte) (h Header, size int, err error) {
	stored, err := storedBytes(src)
	if err != nil {
		return Header{}, 0, err
	}
	size = paddedBytes(HeaderBytes + stored)
	if len(src) < size {
		return Header{}, 0, &DecodeError{Reason: "fewer bytes than the record has"}
	}
	hash := binary.LittleEndian.Uint64(src[hashOff:])
	if xxh3.Hash(src[versionOff:HeaderBytes+stored]) != hash && !planted.Is(planted.TrustTornRecord) {
		return Header{}, 0, &DecodeError{Reason: "the hash does not agree"}
	}
	return decodeHeader(src), size, nil
}

// Wipe overwrites what was decrypted; the last Payload is invalid then.
func (d *Decoder) Wipe() {
	clear(d.plain[:cap(d.plain)])
	clear(d.raw[:cap(d.raw)])
}

// RecordBytes returns how long the record is in its file that src begins with, as the header says. At least HeaderBytes of
// src are needed. *DecodeError when no record begins there.
func RecordBytes(src []byte) (int, error) {
	stored, err := storedBytes(src)
	return paddedBytes(HeaderBytes + stored), err
}

// decodeHeader reads the fields of a header whose storedBytes are in order.
func decodeHeader(src []byte) Header {
	stateLen := int(binary.LittleEndian.Uint16(src[stateLenOff:]))
	return Header{
		Env:      EnvID(src[envOff : envOff+16]),
		Journal:  binary.LittleEndian.Uint64(src[journalOff:]),
		Tx:       binary.LittleEndian.Uint64(src[txOff:]),
		Prev:     binary.LittleEndian.Uint64(src[prevOff:]),
		NextPage: binary.LittleEndian.Uint64(src[nextPageOff:]),
		State:    src[stateOff : stateOff+stateLen : stateOff+stateLen],
		Hash:     binary.LittleEndian.Uint64(src[hashOff:]),
	}
}

// storedBytes returns the length of the payload after the header that src begins with.
func storedBytes(src []byte) (int, error) {
	if len(src) < HeaderBytes || binary.LittleEndian.Uint64(src[magicOff:]) != magic {
		return 0, &DecodeError{Reason: "no record begins here"}
	}
	if v := binary.LittleEndian.Uint16(src[versionOff:]); v != Version {
		return 0, &DecodeError{Reason: "unknown version"}
	}
	if binary.LittleEndian.Uint16(src[stateLenOff:]) > StateBytesMax {
		return 0, &DecodeError{Reason: "more state than a header holds"}
	}
	stored := binary.LittleEndian.Uint64(src[storedOff:])
	if stored > uint64(s2.MaxEncodedLen(PayloadBytesMax)) {
		return 0, &DecodeError{Reason: "a payload longer than the bound"}
	}
	return int(stored), nil
}

// decompress returns the payload as it was appended.
func (d *Decoder) decompress(head, payload []byte) ([]byte, error) {
	raw := binary.LittleEndian.Uint64(head[rawOff:])
	if binary.LittleEndian.Uint16(head[flagsOff:])&flagCompressed == 0 {
		if raw != uint64(len(payload)) {
			return nil, &DecodeError{Reason: "payload lengths disagree"}
		}
		return payload, nil
	}
	if n, err := s2.DecodedLen(payload); err != nil || uint64(n) != raw || raw > PayloadBytesMax {
		return nil, &DecodeError{Reason: "the compressed payload has another length"}
	}
	if uint64(cap(d.raw)) < raw {
		clear(d.raw[:cap(d.raw)])
		d.raw = make([]byte, raw)
	}
	payload, err := s2.Decode(d.raw[:raw], payload)
	if err != nil {
		return nil, &DecodeError{Reason: "the payload does not decompress"}
	}
	return payload, nil
}

// putPayload writes payload to dst, compressed when that saves a block, and returns its length and flags.
func putPayload(dst, payload []byte, compressAbove int) (stored int, flags uint16) {
	if len(payload) > compressAbove {
		packed := len(s2.Encode(dst, payload)) // dst is long enough, so it is used
		if paddedBytes(HeaderBytes+packed) < paddedBytes(HeaderBytes+len(payload)) {
			return packed, flagCompressed
		}
	}
	return copy(dst, payload), 0
}

// body says what lies behind a header.
type body struct {
	stored, raw int // bytes of payload: as they are stored, and before compressing
	flags       uint16
}

// seal writes the header of a record whose payload is in place, encrypts the payload if there is a cipher, clears the padding,
// and returns the hash.
func seal(record []byte, h Header, b body, c Cipher) (uint64, error) {
	invariant.Assert(len(h.State) <= StateBytesMax, "state of %d bytes", len(h.State))
	clear(record[:HeaderBytes])
	clear(record[HeaderBytes+b.stored:])
	binary.LittleEndian.PutUint64(record[magicOff:], magic)
	binary.LittleEndian.PutUint16(record[versionOff:], Version)
	binary.LittleEndian.PutUint16(record[flagsOff:], b.flags)
	binary.LittleEndian.PutUint16(record[stateLenOff:], uint16(len(h.State)))
	copy(record[envOff:], h.Env[:])
	binary.LittleEndian.PutUint64(record[journalOff:], h.Journal)
	binary.LittleEndian.PutUint64(record[txOff:], h.Tx)
	binary.LittleEndian.PutUint64(record[prevOff:], h.Prev)
	binary.LittleEndian.PutUint64(record[storedOff:], uint64(b.stored))
	binary.LittleEndian.PutUint64(record[rawOff:], uint64(b.raw))
	binary.LittleEndian.PutUint64(record[nextPageOff:], h.NextPage)
	copy(record[stateOff:], h.State)
	if c != nil {
		if err := encrypt(record[:HeaderBytes], record[HeaderBytes:HeaderBytes+b.stored], h.Tx, c); err != nil {
			return 0, err
		}
	}
	hash := xxh3.Hash(record[versionOff : HeaderBytes+b.stored])
	binary.LittleEndian.PutUint64(record[hashOff:], hash)
	return hash, nil
}

// recordBytesMax is how many bytes a record of the payload may take, and how many S2 wants to work in.
func recordBytesMax(payload, compressAbove int) int {
	if payload > compressAbove {
		payload = s2.MaxEncodedLen(payload)
	}
	return paddedBytes(HeaderBytes + payload)
}

// paddedBytes rounds n up to whole blocks.
func paddedBytes(n int) int { return (n + BlockBytes - 1) &^ (BlockBytes - 1) }

// growAligned returns dst with room for n more bytes, moved to new aligned memory when it has too little.
func growAligned(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst
	}
	grown := vfs.AlignedBytes(paddedBytes(len(dst) + n))
	return grown[:copy(grown, dst)]
}
