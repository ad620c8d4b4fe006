package secret

import (
	"unsafe"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// chunk is memory that an arena has from the system, and which of its frames are lent.
type chunk struct {
	memory  region
	address uintptr  // where memory begins
	lent    []uint32 // at the first frame of each run that is lent: how many frames it has; else zero
	free    int      // frames that are not lent
	idle    bool     // it was empty when last looked at, and was not used since
}

// poison is what given memory holds under invariants, so that a slice kept too long is seen.
const poison = 0xDB

func newChunk(memory region) *chunk {
	frames := len(memory.bytes) / FrameBytes
	return &chunk{memory: memory, address: addressOf(memory.bytes), lent: make([]uint32, frames), free: frames}
}

func (c *chunk) frames() int { return len(c.lent) }

func (c *chunk) isEmpty() bool { return c.free == len(c.lent) }

// take lends the first run of frames that is free; nil when there is none.
func (c *chunk) take(frames int) []byte {
	if c.free < frames {
		return nil
	}
	for start, i := 0, 0; i < len(c.lent); {
		if n := int(c.lent[i]); n > 0 {
			i += n
			start = i
			continue
		}
		i++
		if i-start == frames {
			c.lent[start] = uint32(frames)
			c.free -= frames
			c.idle = false
			return c.memory.bytes[start*FrameBytes : i*FrameBytes : i*FrameBytes]
		}
	}
	return nil
}

// give takes back a run, and returns how many frames it has.
func (c *chunk) give(b []byte) int {
	off := addressOf(b) - c.address
	i := int(off / FrameBytes)
	ours := i < len(c.lent) && off%FrameBytes == 0
	invariant.Assert(ours, "memory is given that is not of this arena")
	n := int(c.lent[i])
	invariant.Assert(n > 0, "memory is given back twice")
	invariant.Assert(n*FrameBytes == len(b), "another length is given back than was lent")
	c.lent[i] = 0
	c.free += n
	return n
}

// wipe clears memory that is given back.
func wipe(b []byte) {
	if planted.Is(planted.KeepClear) {
		return
	}
	clear(b)
	if invariant.Enabled {
		for i := range b {
			b[i] = poison
		}
	}
}

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }
