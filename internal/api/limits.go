package api

import "time"

// Bounds of a request.
const (
	// bodyBytesMax bounds a request body: the largest document with room for the batch around it.
	bodyBytesMax = 512 << 20
	// bodyBytesAhead is how much memory a body gets on the strength of its announced length alone; the rest when it comes.
	bodyBytesAhead = 1 << 20
	// multiGetCountMax bounds the requests inside one multi_get: a session sends at most a few dozen.
	multiGetCountMax = 1024
	// retryAfterSeconds is when to come back to a database that is being compacted: small ones take less, large ones minutes.
	retryAfterSeconds = "5"
	// identityAttemptsMax is how often the next number of an identity is tried when a document has the id that it makes. Each
	// takes a decision of the cluster; a longer row of such documents wants the identity seeded.
	identityAttemptsMax = 16
	// raftIndexWaitMax is how long a request waits for the node to know what its client has seen. A client that
	// has seen what never was here, because the data was replaced, must get an answer.
	raftIndexWaitMax = 15 * time.Second
	// socketsMax bounds the WebSockets of a node: each has two goroutines, and half a megabyte when its client is behind.
	socketsMax = 256
	// commandBytesMax bounds a command on the WebSocket of changes: two names of 512 bytes, each of them escaped.
	commandBytesMax = 8 << 10
	// changesBytes is about how long a message with changes gets: what waits besides comes in the next one.
	changesBytes = 64 << 10
	// feedEventsMax bounds the events of an environment in one message of a feed, to about 350 KB.
	feedEventsMax = 2048
)
