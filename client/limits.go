package client

import "time"

const (
	// requestsPerSessionMax is how many requests a session may make unless Config says otherwise. More are nearly always a
	// load inside a loop, which LoadMany or Include would do with one.
	requestsPerSessionMax = 30

	// answerBytesMax bounds an answer that is read whole. The server takes bodies up to 512 MiB; what is larger must be streamed.
	answerBytesMax = 1 << 30

	// errorBytesMax bounds how much of an error's body is read.
	errorBytesMax = 1 << 20

	// cacheBytesDefault is the size of the response cache: room for thousands of documents, small on a small machine.
	cacheBytesDefault = 32 << 20

	// idsInURLBytesMax is the sum of the lengths of ids that still go into a URL; longer lists are posted. Servers and proxies
	// refuse URLs of 8 KiB, and ids may grow threefold by escaping.
	idsInURLBytesMax = 1024

	// idBytesMax is the longest id that servers take.
	idBytesMax = 512

	// lazyCountMax is how many requests servers take in one multi_get.
	lazyCountMax = 1024

	// topologyTimeout bounds the request for the topology to one node.
	topologyTimeout = 15 * time.Second

	// A failed node is asked for its health after healthCheckFirst, then with twice the pause each time up to
	// healthCheckLast: soon enough that a restart is hardly noticed, rarely enough for a node that stays away.
	healthCheckFirst   = 100 * time.Millisecond
	healthCheckLast    = 5 * time.Second
	healthCheckTimeout = 5 * time.Second

	// returnTimeout bounds how long Close tries to give unused ids back. They are numbers only: losing them does no harm.
	returnTimeout = 5 * time.Second

	// idleConnsPerNode is how many connections to one node are kept open for later requests.
	idleConnsPerNode = 64
)
