package server

import "time"

const (
	// dirNameBytesMax bounds the name of a database's directory; most file systems allow 255 bytes.
	dirNameBytesMax = 200
	// ticksPerElection is how many ticks of the cluster's clock make an election timeout.
	ticksPerElection = 10
	// retryEvery is how often a database that could not be opened is tried again, when the reason may pass by itself:
	// a full disk, or a reader of before that still has the files.
	retryEvery = 2 * time.Second
	// unlockRetryEvery is how often work on the files of a closed database looks whether its last reader has gone.
	unlockRetryEvery = 50 * time.Millisecond
	// unlockRetriesMax bounds that wait, to two minutes: no request should read longer.
	unlockRetriesMax = 2400
	// memoryLookEvery is how often memory is looked at: a second is quick for a machine that fills up, and costs some
	// hundredths of a thousandth of a processor.
	memoryLookEvery = time.Second
)
