package timeseries

import "math"

const (
	// ValuesMax is the most values in an entry. A column costs a segment 44 bytes; with more columns one entry might not fit.
	ValuesMax = 32
	// SegmentBytesMax is the largest segment: several fit into a page, and rewriting one for a late entry stays cheap.
	SegmentBytesMax = 2048
	// EntriesMax is the most entries in a segment. The bytes are used up before: an entry takes two bits at least.
	EntriesMax = 1<<15 - 1
	// SpanMax is the most milliseconds between the first and the last entry of a segment, almost 25 days: differences of
	// differences of times take 32 bits.
	SpanMax = math.MaxInt32
	// TagsMax is the most tags that differ in a segment: an entry names its tag in seven bits, and zero is no tag.
	TagsMax = 127
	// TagBytesMax is the longest tag: its length is one byte.
	TagBytesMax = 255
	// NameBytesMax is the longest name of a series, the bound of a document's id, which it stands beside in keys.
	NameBytesMax = 512

	// RollupValuesMax is how many values of an entry are rolled up: each becomes six, and an entry holds ValuesMax.
	RollupValuesMax = ValuesMax / rollupFields
	// PoliciesMax is the most policies of one collection: each is read through whenever policies are applied.
	PoliciesMax = 64
	// rollupBatch is how many rolled up entries are kept in memory before they are written, about 300 bytes each.
	rollupBatch = 4096
	// BucketsMax is the most buckets that one gap is filled with by interpolation: a gap of a year in seconds is not.
	BucketsMax = 100_000
	// SamplesMax is the most values that one bucket keeps for a percentile, which needs all of them: 8 MiB a column.
	SamplesMax = 1 << 20
	// GroupsMax is the most tags that one frame is split by: each has sums of its own.
	GroupsMax = 1 << 14
)
