package zdict

import (
	"math/bits"
	"slices"
	"sync"

	"github.com/rookerydb/rookery/internal/invariant"
)

// zstd keeps parts of the last values in memory of its own that cannot be reached from here. What can be done is to have it
// overwritten: by a text that takes every buffer at least as far as the values did.

// Scrub overwrites what the encoder's memory still holds of values.
func (e *Encoder) Scrub() {
	if e.longest == 0 {
		return
	}
	e.scratch = e.z.EncodeAll(scrubText(min(e.longest, windowBytes)), e.scratch[:0])
	e.longest = 0
}

// scrub overwrites what the decoder's memory still holds of values.
func (u *unit) scrub(frames *scrubFrames) {
	if u.longest == 0 {
		return
	}
	text, frame := frames.of(u.longest)
	u.scratch = slices.Grow(u.scratch[:0], text+decodeSlackBytes)
	if _, err := u.z.DecodeAll(frame, u.scratch); err != nil {
		invariant.Assert(false, "decode our own frame: %v", err)
	}
	clear(u.frame[:cap(u.frame)])
	u.longest = 0
}

// scrubText returns a text for values of n bytes: twice as long and little of it repeated, so that seven eighths are literals;
// of 64 characters, so that these are packed as well; and one repetition in every 512 bytes, without which zstd would not pack.
func scrubText(n int) []byte {
	text := make([]byte, max(1<<10, 2*n))
	state := uint64(0x9E3779B97F4A7C15)
	for i := range text { // xorshift64 (Marsaglia, Xorshift RNGs, 2003)
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		text[i] = byte(state>>40) & 63
	}
	for end := 512; end <= len(text); end += 512 { // long enough to be found: zstd takes longer steps where it finds nothing
		copy(text[end-64:end], text[end-128:])
	}
	return text
}

// scrubFrames are such texts as zstd frames, one for each power of two, made when first needed.
type scrubFrames struct {
	mu     sync.Mutex
	frames [bits.UintSize][]byte
}

// of returns the frame for values of n bytes, and the length of its text. Buffers of a decoder end with the block.
func (s *scrubFrames) of(n int) (textBytes int, frame []byte) {
	class := bits.Len(uint(min(n, blockBytesMax) - 1))
	text := max(1<<10, 2<<class)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frames[class] == nil {
		e, err := NewEncoder(nil)
		invariant.Assert(err == nil, "encoder without dictionary: %v", err)
		s.frames[class] = e.z.EncodeAll(scrubText(1<<class), nil)
	}
	return text, s.frames[class]
}
