package rql

import (
	"strconv"
	"strings"
)

// Value is an operand: *StringLit, *NumberLit, *BoolLit, *NullLit, *Param, *Path or *Call.
type Value interface {
	Selected
	value()
}

// StringLit is a text in quotes; Text is its content.
type StringLit struct {
	Pos
	Text string
}

// NumberLit keeps the number as it was written, 500_000 or -1.50, so that nothing is lost before someone needs a number.
type NumberLit struct {
	Pos
	Text string
}

// BoolLit is true or false.
type BoolLit struct {
	Pos
	Value bool
}

// NullLit is null.
type NullLit struct{ Pos }

// Param is $Name.
type Param struct {
	Pos
	Name string
}

// Path is a field path. It has at least one segment.
type Path struct {
	Pos
	Segments []Segment
}

// Segment is one step of a path.
type Segment struct {
	Name    string
	Quoted  bool // written in quotes; such a name may itself hold dots and []
	Array   bool // followed by []: every item of the array
	Indexed bool // followed by [Index]; only Values[n] in time-series conditions
	Index   int
}

// Call is a function call that yields a value. Functions of the language have their canonical name, in which letters' case is
// fixed; declared functions the name as declared. Member is the path behind the call: cmpxchg('k').name.
type Call struct {
	Pos
	Name   string
	Args   []Value
	Member []Segment
}

func (*StringLit) value() {}
func (*NumberLit) value() {}
func (*BoolLit) value()   {}
func (*NullLit) value()   {}
func (*Param) value()     {}
func (*Path) value()      {}
func (*Call) value()      {}

func (*StringLit) selected()  {}
func (*NumberLit) selected()  {}
func (*BoolLit) selected()    {}
func (*NullLit) selected()    {}
func (*Param) selected()      {}
func (*Path) selected()       {}
func (*Call) selected()       {}
func (*Facet) selected()      {}
func (*TimeSeries) selected() {}

// Int64 returns the number when it is written without fraction and exponent and fits.
func (n *NumberLit) Int64() (int64, bool) {
	i, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 10, 64)
	return i, err == nil
}

// Float64 returns the nearest double; false when the number is out of range.
func (n *NumberLit) Float64() (float64, bool) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(n.Text, "_", ""), 64)
	return f, err == nil
}

// Text returns the path as documents know it, without quotes: u.roles[].role. A quoted segment that holds a whole path
// gives the same text as that path without quotes.
func (p *Path) Text() string {
	if len(p.Segments) == 1 && !p.Segments[0].Array && !p.Segments[0].Indexed {
		return p.Segments[0].Name
	}
	var b strings.Builder
	for i, s := range p.Segments {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.Name)
		switch {
		case s.Array:
			b.WriteString("[]")
		case s.Indexed:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		}
	}
	return b.String()
}
