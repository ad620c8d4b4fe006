package rql

// Condition is a node of where and filter: one of the types of this file. Parentheses have no node: nesting says it.
type Condition interface {
	Position() Pos
	condition()
}

// Or holds when any of its two or more terms does.
type Or struct {
	Pos
	Terms []Condition
}

// And holds when all of its two or more terms do.
type And struct {
	Pos
	Terms []Condition
}

// Not holds when Term does not.
type Not struct {
	Pos
	Term Condition
}

// Constant is true or false.
type Constant struct {
	Pos
	Value bool
}

// CompareOp is a comparison operator.
type CompareOp uint8

// The comparison operators. == is read as Equal, <> as NotEqual.
const (
	Equal CompareOp = iota
	NotEqual
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
)

var compareSigns = [...]string{"=", "!=", "<", "<=", ">", ">="}

// String returns the operator as it is written.
func (op CompareOp) String() string { return compareSigns[op] }

// Compare is Left Op Right.
type Compare struct {
	Pos
	Left  Value
	Op    CompareOp
	Right Value
}

// Between holds for values from Low to High, both included.
type Between struct {
	Pos
	Operand   Value
	Low, High Value
}

// In is "Operand in (List)", or with All "Operand all in (List)". A parameter in List that is an array stands for its items.
type In struct {
	Pos
	Operand Value
	All     bool
	List    []Value
}

// MatchFunc is a function that tests a field against one text.
type MatchFunc uint8

// The functions of Match.
const (
	StartsWith MatchFunc = iota
	EndsWith
	Lucene
	Regex
)

var matchNames = [...]string{"startsWith", "endsWith", "lucene", "regex"}

// String returns the function's name as RQL writes it.
func (f MatchFunc) String() string { return matchNames[f] }

// Match is startsWith(field, text), endsWith, lucene or regex. Field is a *Path or a *Call of id.
type Match struct {
	Pos
	Func  MatchFunc
	Field Value
	Text  Value
}

// SearchOperator joins the terms of a search.
type SearchOperator uint8

// The operators of Search. SearchUnstated means or.
const (
	SearchUnstated SearchOperator = iota
	SearchOr
	SearchAnd
)

var searchOperators = [...]string{"", "or", "and"}

// String returns the word of the operator, empty for SearchUnstated.
func (o SearchOperator) String() string { return searchOperators[o] }

// Search is search(field, terms, operator).
type Search struct {
	Pos
	Field    *Path
	Terms    Value
	Operator SearchOperator
}

// Exists is exists(field).
type Exists struct {
	Pos
	Field *Path
}

// Exact is exact(condition): everything inside compares with letters' case.
type Exact struct {
	Pos
	Term Condition
}

// Boost is boost(condition, factor).
type Boost struct {
	Pos
	Term   Condition
	Factor Value
}

// Fuzzy is fuzzy(field = value, similarity).
type Fuzzy struct {
	Pos
	Term   *Compare
	Factor Value
}

// Proximity is proximity(search(field, terms), distance).
type Proximity struct {
	Pos
	Term     *Search
	Distance Value
}

// Intersect is intersect(condition, condition, …).
type Intersect struct {
	Pos
	Terms []Condition
}

// MoreLikeThis is moreLikeThis(condition or $document, options): exactly one of Term and Document is set. Options may be nil.
type MoreLikeThis struct {
	Pos
	Term     Condition
	Document *Param
	Options  Value
}

// SpatialFunc is the relation that Spatial tests.
type SpatialFunc uint8

// The spatial relations.
const (
	Within SpatialFunc = iota
	Contains
	Intersects
	Disjoint
)

var spatialNames = [...]string{"spatial.within", "spatial.contains", "spatial.intersects", "spatial.disjoint"}

// String returns the function's name as RQL writes it.
func (f SpatialFunc) String() string { return spatialNames[f] }

// Spatial is spatial.within(field, shape, error) and its relatives.
//
// Field is a *Path or a *Call of spatial.point or spatial.wkt with paths as arguments; it makes no difference whether the call
// was written in quotes. Shape is a *Call of spatial.circle, spatial.wkt or spatial.point with values. Error may be nil.
type Spatial struct {
	Pos
	Func  SpatialFunc
	Field Value
	Shape *Call
	Error Value
}

// Test is a call of a declared function that stands as a condition.
type Test struct {
	Pos
	Call *Call
}

func (*Or) condition()           {}
func (*And) condition()          {}
func (*Not) condition()          {}
func (*Constant) condition()     {}
func (*Compare) condition()      {}
func (*Between) condition()      {}
func (*In) condition()           {}
func (*Match) condition()        {}
func (*Search) condition()       {}
func (*Exists) condition()       {}
func (*Exact) condition()        {}
func (*Boost) condition()        {}
func (*Fuzzy) condition()        {}
func (*Proximity) condition()    {}
func (*Intersect) condition()    {}
func (*MoreLikeThis) condition() {}
func (*Spatial) condition()      {}
func (*Test) condition()         {}
