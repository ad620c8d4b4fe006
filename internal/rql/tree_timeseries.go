package rql

// TimeSeries is a query over one time series: the content of timeseries(…) in select and of declare timeseries.
type TimeSeries struct {
	Pos
	Source   *Path // HeartRate, or with an alias in front u.HeartRate: one or two segments
	Range    TimeRange
	TagAlias string    // load Tag as …; empty when absent
	Where    Condition // over Value, Values[n], Tag, Timestamp and the alias of the tag's document
	GroupBy  *TimeGroup
	Select   []TimeAggregate
	Scale    *NumberLit
	Offset   Value
}

// TimeRange is the part of the series that is read: RangeBetween uses From and To, RangeLast and RangeFirst use Span.
type TimeRange struct {
	Kind     RangeKind
	From, To Value
	Span     Span
}

// TimeUnit is a unit of time. Months, quarters and years follow the calendar.
type TimeUnit uint8

// The units.
const (
	Millisecond TimeUnit = iota
	Second
	Minute
	Hour
	Day
	Month
	Quarter
	Year
)

var unitNames = [...]string{"millisecond", "second", "minute", "hour", "day", "month", "quarter", "year"}

// String returns the unit in the singular: "hour".
func (u TimeUnit) String() string { return unitNames[u] }

// Span is a length of time, at least one unit.
type Span struct {
	Pos
	Count int
	Unit  TimeUnit
}

// Interpolation fills empty buckets.
type Interpolation uint8

// The interpolations.
const (
	InterpolationNone Interpolation = iota
	InterpolationLinear
	InterpolationNearest
	InterpolationLast
	InterpolationNext
)

var interpolationNames = [...]string{"", "linear", "nearest", "last", "next"}

// String returns the word of the language, empty for InterpolationNone.
func (i Interpolation) String() string { return interpolationNames[i] }

// TimeGroup is group by: buckets of Span, and within them by the tag (the path tag) or a member of its document. By may be nil.
type TimeGroup struct {
	Pos
	Span          Span
	By            *Path
	Interpolation Interpolation
}

// TimeFunc is an aggregate over the entries of a bucket.
type TimeFunc uint8

// The aggregates.
const (
	TimeMin TimeFunc = iota
	TimeMax
	TimeSum
	TimeAverage
	TimeFirst
	TimeLast
	TimeCount
	TimeSlope
	TimeStandardDeviation
	TimePercentile
)

var timeFuncNames = [...]string{"min", "max", "sum", "average", "first", "last", "count", "slope", "standardDeviation", "percentile"}

// String returns the function's name as RQL writes it.
func (f TimeFunc) String() string { return timeFuncNames[f] }

// TimeAggregate is one item of a time-series select. Percentile is set for TimePercentile only.
type TimeAggregate struct {
	Pos
	Func       TimeFunc
	Percentile *NumberLit
}
