package secret

// Memory returns where s keeps its key, both combined and, while it is open, in clear; and the pad.
func (s *Sealed) Memory() (memory []byte, pad *[KeyBytes]byte) { return s.memory.bytes, s.pad }

// IsGone says whether the memory of a destroyed key went back to the system.
func (s *Sealed) IsGone() bool { return s.memory.bytes == nil }

// ChunkBytes is how much an arena takes from the system at once.
const ChunkBytes = chunkFrames * FrameBytes
