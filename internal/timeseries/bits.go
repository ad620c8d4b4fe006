package timeseries

import "encoding/binary"

// bitWriter appends bits, the highest of each byte first.
type bitWriter struct {
	buf  []byte // the bits of the last byte that are not in use are zero
	bits int    // in use
}

// write appends the n low bits of v, 0 to 64.
func (w *bitWriter) write(v uint64, n int) {
	for n > 0 {
		free := -w.bits & 7
		if free == 0 {
			w.buf = append(w.buf, 0)
			free = 8
		}
		take := min(free, n)
		part := byte(v>>(n-take)) & (1<<take - 1)
		w.buf[len(w.buf)-1] |= part << (free - take)
		w.bits += take
		n -= take
	}
}

// bitReader reads what a bitWriter wrote.
type bitReader struct {
	buf   []byte
	off   int // of the next bit
	bits  int // that there are; buf has room for them
	short bool
}

// read returns the next n bits, 0 to 64. Past the end it returns zero and sets short.
func (r *bitReader) read(n int) uint64 {
	if n > r.bits-r.off {
		r.short = true
		r.off = r.bits
		return 0
	}
	i, shift := r.off>>3, r.off&7
	r.off += n
	var window [9]byte // as many as 64 bits that begin within a byte touch
	src := r.buf[i:]
	if len(src) < len(window) {
		copy(window[:], src)
		src = window[:]
	}
	v := binary.BigEndian.Uint64(src)<<shift | uint64(src[8])>>(8-shift)
	return v >> (64 - n)
}

// bit reads one bit.
func (r *bitReader) bit() bool { return r.read(1) != 0 }

// signed reads n bits as a number in two's complement.
func (r *bitReader) signed(n int) int64 { return int64(r.read(n)<<(64-n)) >> (64 - n) }
