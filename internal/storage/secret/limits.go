package secret

// Bounds.
const (
	// KeyBytes is the length of a key.
	KeyBytes = 32
	// FrameBytes is the unit in which an arena lends memory: one page of an environment.
	FrameBytes = 8192
	// chunkFrames is how many frames an arena takes from the system at once: 1 MiB, of which eight fit what Linux lets an
	// ordinary user lock.
	chunkFrames = 128
)
