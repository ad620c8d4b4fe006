package rql

// Query is one parsed query. Clauses that are absent are nil or empty.
type Query struct {
	Declarations []Declaration
	From         From
	GroupBy      []GroupKey
	Where        Condition
	OrderBy      []OrderItem
	Load         []LoadItem
	Filter       Condition
	Select       *Select // never together with Update
	Update       *Script
	Include      []Include
	Limit        *Limit
	FilterLimit  Value // a NumberLit, NullLit or Param
}

// Declaration is "declare function" with Function set, or "declare timeseries" with TimeSeries set.
type Declaration struct {
	Pos
	Name       string
	Params     []string
	Function   *Script
	TimeSeries *TimeSeries
}

// SourceKind says what a query reads.
type SourceKind uint8

// The sources.
const (
	Collection SourceKind = iota // From.Name is the collection
	Index                        // From.Name is the index
	AllDocs                      // every document; From.Name is empty
)

// From is the from clause.
type From struct {
	Pos    // of the word from
	Kind   SourceKind
	Name   string
	NameAt Pos
	Filter Condition // the parenthesis behind the name, as subscriptions use it: (Revisions = true)
	Alias  string    // empty when there is none
}

// GroupKey is one key of group by; Array groups by the content of the whole array.
type GroupKey struct {
	Pos
	Path  *Path
	Array bool
}

// OrderType is the "as …" of an ordering.
type OrderType uint8

// The order types. OrderUnstated orders by the text of the term, like OrderString.
const (
	OrderUnstated OrderType = iota
	OrderString
	OrderLong
	OrderDouble
	OrderAlphaNumeric
)

// OrderItem is one ordering. By is a *Path or a *Call of id, score, random, custom, count, sum, key or spatial.distance.
type OrderItem struct {
	Pos
	By   Value
	As   OrderType
	Desc bool
}

// LoadItem is "path as alias"; Array means "alias[]".
type LoadItem struct {
	Pos
	Path  *Path
	Alias string
	Array bool
}

// Select is the select clause: exactly one of All, Object and Items is set.
type Select struct {
	Pos
	Distinct bool
	All      bool    // *
	Object   *Script // a JavaScript object literal
	Items    []SelectItem
}

// SelectItem is one column. Alias is empty when there is none.
type SelectItem struct {
	Pos
	Value Selected
	Alias string
}

// Selected is what a column can be: any Value, a *Facet or a *TimeSeries.
type Selected interface {
	Position() Pos
	selected()
}

// Facet is facet(…) in its four forms: by Field; by Ranges over one field; by a set-up document; or, with none of these, one
// bucket for all.
type Facet struct {
	Pos
	Field        *Path
	Ranges       []Condition
	Setup        Value // facet(id('facets/x')): the id, a StringLit or Param
	Aggregations []FacetAggregation
	Options      *Param
}

// FacetAggregation is sum(path), min(path), max(path) or avg(path). Func is one of these names.
type FacetAggregation struct {
	Pos
	Func  string
	Path  *Path
	Alias string
}

// Include is one item of the include clause.
type Include interface {
	Position() Pos
	include()
}

// IncludePath includes the documents whose ids stand at Path.
type IncludePath struct {
	Pos
	Path *Path
}

// IncludeCounters includes counters of the result, or of the document that Source refers to. No Names means all counters.
type IncludeCounters struct {
	Pos
	Source *Path
	Names  []Value // StringLit or Param
}

// IncludeTimeSeries includes a range of a time series of the result, or of the document that Source refers to.
type IncludeTimeSeries struct {
	Pos
	Source *Path
	Name   Value // StringLit, Param, or the *Path of an unquoted name
	Range  IncludeRange
}

// RangeKind says how a range of a time series is given.
type RangeKind uint8

// The kinds of ranges.
const (
	RangeAll     RangeKind = iota // none given
	RangeBetween                  // From and To
	RangeLast                     // counted back from the end of the series
	RangeFirst                    // counted from its start
)

// IncludeRange is the range of an included time series. With RangeBetween, From and To are set (a NullLit is an open end); with
// RangeLast and RangeFirst, Count is set, and Unit when time units are counted rather than entries.
type IncludeRange struct {
	Kind     RangeKind
	From, To Value
	Count    Value
	Unit     Value
}

// IncludeCompareExchange includes the compare-exchange value whose key stands at Path.
type IncludeCompareExchange struct {
	Pos
	Path *Path
}

// IncludeRevisions includes revisions by change vectors (a Path or Param) or as of dates (a StringLit or Param).
type IncludeRevisions struct {
	Pos
	Args []Value
}

// IncludeHighlight includes fragments of Field around the matches. Options may be nil.
type IncludeHighlight struct {
	Pos
	Field          *Path
	FragmentLength Value
	FragmentCount  Value
	Options        *Param
}

// IncludeExplanations includes how scores came to be. Options may be nil.
type IncludeExplanations struct {
	Pos
	Options *Param
}

// IncludeTimings includes how long each step took.
type IncludeTimings struct{ Pos }

func (*IncludePath) include()            {}
func (*IncludeCounters) include()        {}
func (*IncludeTimeSeries) include()      {}
func (*IncludeCompareExchange) include() {}
func (*IncludeRevisions) include()       {}
func (*IncludeHighlight) include()       {}
func (*IncludeExplanations) include()    {}
func (*IncludeTimings) include()         {}

// Limit is the limit and offset clauses in any of their forms. A nil Offset or Size was not given; both are a NumberLit that
// is not negative, a NullLit or a Param.
type Limit struct {
	Pos
	Offset, Size Value
}
