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
	// headroomBytes is what an arena leaves of the memory that the system lets us lock: keys need little, and are worth more than
	// pages. It is enough for 64 keys.
	headroomBytes = 256 << 10
)
