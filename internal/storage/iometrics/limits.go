package iometrics

import "time"

// Bounds of a recorder and of a file of events.
const (
	// EventsMax is how many events are kept: about a second of the quickest commits that a disk makes durable one by one,
	// so that a reader who comes twice a second misses none. 48 bytes each.
	EventsMax = 8192
	// eventsMin is how many a new recorder has room for: a node with hundreds of idle databases pays 12 KiB for each.
	eventsMin = 256
	// copyEventsMax is how many events are copied under the lock at once.
	copyEventsMax = 32
	// MinutesMax is for how many minutes figures are kept.
	MinutesMax = 60
	// runningMax is how many operations can be watched at once. An environment has its writer and three goroutines.
	runningMax = 16
	// SlowMax is how many slow operations are listed; they are counted beyond that.
	SlowMax = 32
	// histogramBuckets are enough for 2^31 µs, 35 minutes.
	histogramBuckets = 32
	// DurationMax bounds the duration of an event, six days: up to it a duration in milliseconds is exact as a double.
	DurationMax = 1 << 49 * time.Nanosecond

	// lineBytesMax bounds a line of a file.
	lineBytesMax = 64 << 10
	// environmentsMax bounds the environments of a file: a database and its indexes.
	environmentsMax = 1024
	// importEventsMax bounds the events of a file: a million take 100 MB when they are read.
	importEventsMax = 1 << 20
	// timelineWidthMax bounds the columns of a timeline.
	timelineWidthMax = 1000
)
