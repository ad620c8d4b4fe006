package rql

import "strconv"

// String returns the query as canonical RQL on one line: clauses in a fixed order, keywords and functions in their usual case,
// texts in single quotes, no parentheses but those that are needed. JavaScript stands as it was written.
//
// Parsing the result gives a tree equal to q up to positions, if q came from Parse.
func (q *Query) String() string {
	p := printer{b: make([]byte, 0, 256)}
	for i := range q.Declarations {
		p.declaration(&q.Declarations[i])
	}
	p.from(&q.From)
	p.groupBy(q.GroupBy)
	if q.Where != nil {
		p.text(" where ")
		p.condition(q.Where)
	}
	p.orderBy(q.OrderBy)
	p.load(q.Load)
	if q.Filter != nil {
		p.text(" filter ")
		p.condition(q.Filter)
	}
	p.selectClause(q.Select)
	p.includes(q.Include)
	p.limit(q.Limit)
	if q.FilterLimit != nil {
		p.text(" filter_limit ")
		p.value(q.FilterLimit)
	}
	if q.Update != nil {
		p.text(" update " + q.Update.Text)
	}
	return string(p.b)
}

// FormatCondition returns c as RQL, as it stands behind where.
func FormatCondition(c Condition) string {
	p := printer{}
	p.condition(c)
	return string(p.b)
}

// FormatValue returns v as RQL.
func FormatValue(v Value) string {
	p := printer{}
	p.value(v)
	return string(p.b)
}

type printer struct{ b []byte }

func (p *printer) text(s string)   { p.b = append(p.b, s...) }
func (p *printer) quoted(s string) { p.b = appendQuoted(p.b, s) }

// name prints an alias or the name of a source, in quotes when it needs them.
func (p *printer) name(s string) {
	if isPlainName(s) {
		p.text(s)
		return
	}
	p.quoted(s)
}

func (p *printer) alias(s string) {
	if s != "" {
		p.text(" as ")
		p.name(s)
	}
}

// comma prints ", " before every item but the first.
func (p *printer) comma(i int) {
	if i > 0 {
		p.text(", ")
	}
}

func (p *printer) declaration(d *Declaration) {
	if d.Function != nil {
		p.text("declare function " + d.Name)
	} else {
		p.text("declare timeseries " + d.Name)
	}
	p.text("(")
	for i, name := range d.Params {
		p.comma(i)
		p.text(name)
	}
	p.text(") ")
	if d.Function != nil {
		p.text(d.Function.Text)
	} else {
		p.text("{ ")
		p.timeSeries(d.TimeSeries)
		p.text(" }")
	}
	p.text(" ")
}

func (p *printer) from(f *From) {
	p.text("from ")
	switch f.Kind {
	case AllDocs:
		p.text("@all_docs")
	case Index:
		p.text("index ")
		p.quoted(f.Name)
	default:
		p.name(f.Name)
	}
	if f.Filter != nil {
		p.text(" (")
		p.condition(f.Filter)
		p.text(")")
	}
	p.alias(f.Alias)
}

func (p *printer) groupBy(keys []GroupKey) {
	for i, k := range keys {
		p.begin(i, " group by ")
		if k.Array {
			p.text("array(")
			p.path(k.Path)
			p.text(")")
			continue
		}
		p.path(k.Path)
	}
}

// begin prints the word of a clause before its first item and a comma before the others.
func (p *printer) begin(i int, clause string) {
	if i == 0 {
		p.text(clause)
		return
	}
	p.text(", ")
}

func (p *printer) orderBy(items []OrderItem) {
	for i, item := range items {
		p.begin(i, " order by ")
		p.value(item.By)
		if item.As != OrderUnstated {
			p.text(" as " + item.As.String())
		}
		if item.Desc {
			p.text(" desc")
		}
	}
}

func (p *printer) load(items []LoadItem) {
	for i, item := range items {
		p.begin(i, " load ")
		p.path(item.Path)
		p.alias(item.Alias)
		if item.Array {
			p.text("[]")
		}
	}
}

func (p *printer) limit(l *Limit) {
	switch {
	case l == nil:
	case l.Offset == nil:
		p.text(" limit ")
		p.value(l.Size)
	case l.Size == nil:
		p.text(" offset ")
		p.value(l.Offset)
	default:
		p.text(" limit ")
		p.value(l.Offset)
		p.text(", ")
		p.value(l.Size)
	}
}

func (p *printer) value(v Value) {
	switch v := v.(type) {
	case *StringLit:
		p.quoted(v.Text)
	case *NumberLit:
		p.text(v.Text)
	case *BoolLit:
		p.b = strconv.AppendBool(p.b, v.Value)
	case *NullLit:
		p.text("null")
	case *Param:
		p.text("$" + v.Name)
	case *Path:
		p.path(v)
	case *Call:
		p.call(v)
	}
}

func (p *printer) values(list []Value) {
	for i, v := range list {
		p.comma(i)
		p.value(v)
	}
}

func (p *printer) call(c *Call) {
	p.text(c.Name + "(")
	p.values(c.Args)
	p.text(")")
	for i := range c.Member {
		p.text(".")
		p.segment(&c.Member[i])
	}
}

func (p *printer) path(path *Path) {
	for i := range path.Segments {
		if i > 0 {
			p.text(".")
		}
		p.segment(&path.Segments[i])
	}
}

func (p *printer) segment(s *Segment) {
	if s.Quoted {
		p.quoted(s.Name)
	} else {
		p.text(s.Name)
	}
	switch {
	case s.Array:
		p.text("[]")
	case s.Indexed:
		p.text("[")
		p.b = strconv.AppendInt(p.b, int64(s.Index), 10)
		p.text("]")
	}
}
