package operation

import "time"

const (
	// keptFor is how long the status of an operation that has ended can be asked for. Clients ask every half second.
	keptFor = time.Hour
	// endedMax bounds how many of them are kept (a count); the oldest go first.
	endedMax = 1000
	// runningMax bounds the operations that run at a time: each has a goroutine, and most have much work to do.
	runningMax = 1000
	// reservedMax bounds the ids that were given out and not used; the oldest are forgotten.
	reservedMax = 10_000
)
