package cluster

const (
	// nameRunesMax bounds a database name. Clients and other tools know this bound.
	nameRunesMax = 128
	// requestsMax is how many request ids are remembered. A client repeats a request within seconds; more would only
	// make snapshots larger (about 100 bytes each).
	requestsMax = 1024
	// requestIDBytesMax bounds a request id; a GUID has 36.
	requestIDBytesMax = 256
	// commandBytesDefault bounds one command in the log when Options says nothing: more would hold up the log for long.
	commandBytesDefault = 128 << 20
	// namesMax bounds the databases that one command may name.
	namesMax = 10_000
	// tagBytesMax bounds a node tag: change vectors of official clients hold at most four letters.
	tagBytesMax = 4
	// urlBytesMax bounds a node's URL.
	urlBytesMax = 2048
	// proposalsWaiting is the capacity of the queue to the raft loop: enough for a burst to share one durable write.
	// When it is full, Propose waits with its ctx.
	proposalsWaiting = 256
	// snapshotEveryDefault is how many entries are applied between snapshots: few enough to replay in milliseconds.
	snapshotEveryDefault = 1024
	// electionTicks is the silence, in ticks, after which a follower starts an election; the leader sends heartbeats
	// three times as often.
	electionTicks = 10
	// messageBytesMax bounds the entries in one Ready that comes from the log.
	messageBytesMax = 4 << 20
	// CompareExchangeKeyBytesMax bounds the key of a compare-exchange value. Clients know this bound.
	CompareExchangeKeyBytesMax = 512
	// CompareExchangeBytesMax bounds a compare-exchange value: each travels through the log, and holds up what comes after it.
	CompareExchangeBytesMax = 16 << 20
	// identityBytesMax bounds the name of an identity, as it bounds the ids made with it.
	identityBytesMax = 512
	// valueRequestsMax is how many requests about values are remembered, on disk at some 200 bytes each. There are more of them
	// than decisions about databases: a busy lock may take hundreds in the seconds in which a client repeats a request.
	valueRequestsMax = 16_384
	// expireMax bounds what one ExpireCompareExchange removes, and so how long other decisions wait for it.
	expireMax = 1024
	// clearMax bounds likewise what is removed at once of a database that is gone.
	clearMax = 1024
)
