package changevector

const (
	// TagBytesMax is the length of the longest tag.
	TagBytesMax = 4

	// DatabaseIDBytes is the length of a database id: 16 bytes in base64 of the standard alphabet, without padding.
	DatabaseIDBytes = 22

	// EntriesMax is how many entries a text may have. A real one has about as many as the cluster has had databases; above
	// it merging, which is linear, would be felt in every write.
	EntriesMax = 4096
)
