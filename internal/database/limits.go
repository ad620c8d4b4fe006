package database

// Bounds of the write queue. They keep memory and latency of one batch in hand; passing the count is a *BusyError.
const (
	queueCountMax = 65536    // commands that may wait; more means that the disk is far behind its callers
	batchCountMax = 8192     // commands in one transaction; a larger batch only adds latency
	batchBytesMax = 16 << 20 // bytes of documents in one transaction unless Options say otherwise, so that one journal record stays small
	takeCountMax  = 16       // commands taken out of the queue at once, so that a batch can end in between
	worthCount    = 32       // commands that are worth a write of their own when as many wait
	worthBytes    = 1 << 20  // bytes of documents that are
	dropCountMax  = 8        // dropped transactions in one batch before its commands run one by one

	// batchesKeptMax is how many batches are listed one by one: a quarter of a second of the quickest, 56 bytes each.
	batchesKeptMax = 512

	writtenKeepMax = 8192 // noted writes whose memory a batch leaves to the next

	recordingNameMax     = 200       // bytes, so that every file system takes the name
	recordingBufferBytes = 256 << 10 // of a recording are handed to the operating system at once
)
