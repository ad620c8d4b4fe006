package changes

const (
	// queueBytesMax bounds what waits for one subscription, in bytes as Change.sizeBytes counts them: about 35,000 changes of
	// documents, more than ordinary transactions make at once. What was taken last may be in memory besides.
	queueBytesMax = 8 << 20
	// watchesMax bounds the watches of one subscription (a count): 200 bytes each with an id of common length.
	watchesMax = 4096
	// NameBytesMax bounds each name in a watch, in bytes: ids and names of collections have 512 at most, others are shorter.
	NameBytesMax = 512
	// keepCountMax bounds the list of changes that a subscription keeps to be used again (a count).
	keepCountMax = 4096
)
