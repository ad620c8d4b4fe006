package config

const (
	// fileBytesMax bounds a settings file. A real one has a few KiB; more is a wrong path.
	fileBytesMax = 1 << 20
	// nestingMax bounds the objects within objects of a settings file: no key has more than five parts.
	nestingMax = 16
	// suggestDistanceMax is the largest number of edits at which a known key is offered for an unknown one.
	suggestDistanceMax = 6
	// misspeltDistanceMax is the number of edits up to which an unknown key of an accepted group is taken for a
	// misspelt setting that acts, and refused.
	misspeltDistanceMax = 2
)
