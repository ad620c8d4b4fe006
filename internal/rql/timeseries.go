package rql

import (
	"fmt"
	"strconv"
	"strings"
)

// timeSeries reads a time-series query up to the bracket that closes it. Its clauses stand in any order, each at most once; a
// range stands right behind the source.
func (p *parser) timeSeries() *TimeSeries {
	t := &TimeSeries{Pos: p.tok.pos}
	outer := p.inSeries
	p.inSeries = true
	defer func() { p.inSeries = outer }()
	p.expectWord("from")
	t.Source = p.seriesSource()
	t.Range = p.timeRange()
	var seen [len(seriesClauses)]bool
	for p.tok.kind == tokenIdent {
		i := p.seriesClause()
		if i < 0 {
			p.expectedHint("a clause or the end of the time series", didYouMean(p.tok.text, append(seriesClauses[:], "between", "last", "first")...))
			return t
		}
		if seen[i] {
			p.fail(p.tok.pos, fmt.Sprintf("a second '%s' in a time series", seriesClauses[i]), "each clause stands at most once")
		}
		seen[i] = true
		p.readSeriesClause(t)
	}
	return t
}

var seriesClauses = [...]string{"load", "where", "group", "select", "scale", "offset"}

// seriesClause returns the position in seriesClauses of the clause that begins at tok, -1 if none.
func (p *parser) seriesClause() int {
	for i, w := range seriesClauses {
		if p.isWord(w) {
			return i
		}
	}
	return -1
}

func (p *parser) readSeriesClause(t *TimeSeries) {
	switch {
	case p.acceptWord("load"):
		p.expectWord("tag")
		p.expectWord("as")
		t.TagAlias = p.name("an alias")
	case p.acceptWord("where"):
		t.Where = p.condition()
	case p.isWord("group"):
		t.GroupBy = p.timeGroup()
	case p.acceptWord("select"):
		t.Select = p.timeAggregates()
	case p.acceptWord("scale"):
		t.Scale = p.numberLit()
	case p.acceptWord("offset"):
		t.Offset = p.operand(valuePlace)
	}
}

// seriesSource reads HeartRate, 'gas usage', or one of them behind an alias and a dot.
func (p *parser) seriesSource() *Path {
	if p.tok.kind != tokenIdent && p.tok.kind != tokenString {
		p.expected("the name of a time series")
	}
	at := p.tok.pos
	path := p.path()
	if len(path.Segments) > 2 {
		p.fail(at, "a time series is named by itself or behind an alias", "write from u.HeartRate; quote names with dots")
	}
	return path
}

// timeRange reads "between a and b", "last 3 days" or "first 3 days".
func (p *parser) timeRange() TimeRange {
	switch {
	case p.acceptWord("between"):
		r := TimeRange{Kind: RangeBetween, From: p.operand(valuePlace)}
		p.expectWord("and")
		r.To = p.operand(valuePlace)
		return r
	case p.acceptWord("last"):
		return TimeRange{Kind: RangeLast, Span: p.rangeSpan()}
	case p.acceptWord("first"):
		return TimeRange{Kind: RangeFirst, Span: p.rangeSpan()}
	}
	return TimeRange{}
}

func (p *parser) rangeSpan() Span {
	s := p.span()
	if s.Unit == Millisecond {
		p.fail(s.Pos, "last and first do not count milliseconds", "the smallest unit here is the second")
	}
	return s
}

func (p *parser) timeGroup() *TimeGroup {
	g := &TimeGroup{Pos: p.tok.pos}
	p.next()
	p.expectWord("by")
	g.Span = p.span()
	if p.accept(tokenComma) {
		g.By = p.path()
	}
	if p.acceptWord("with") {
		p.expectWord("interpolation")
		p.openParen()
		g.Interpolation = p.interpolation()
		p.closeParen()
	}
	return g
}

func (p *parser) interpolation() Interpolation {
	for i := InterpolationLinear; i <= InterpolationNext; i++ {
		if p.acceptWord(i.String()) {
			return i
		}
	}
	p.expectedHint("an interpolation", "the interpolations are linear, nearest, last and next")
	return InterpolationNone
}

// span reads 1h, 1 hour or '1 hours'.
func (p *parser) span() Span {
	at := p.tok.pos
	var number, unit string
	switch p.tok.kind {
	case tokenString:
		text := strings.TrimSpace(p.tok.text)
		i := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '_' })
		if i < 0 {
			i = len(text)
		}
		number, unit = text[:i], strings.TrimSpace(text[i:])
		p.next()
	case tokenNumber:
		number = p.tok.text
		p.next()
		unit = p.ident("a unit of time")
	default:
		p.expectedHint("a length of time", "write 1h, 7 days or '7 days'")
		return Span{}
	}
	return p.makeSpan(at, number, unit)
}

func (p *parser) makeSpan(at Pos, number, unit string) Span {
	n, err := strconv.ParseInt(strings.ReplaceAll(number, "_", ""), 10, 32)
	u, ok := timeUnit(unit)
	switch {
	case p.err != nil:
	case err != nil || n < 1:
		p.fail(at, "a length of time begins with a whole number from 1", "write 1h, 7 days or '7 days'")
	case !ok:
		p.fail(at, "unknown unit of time '"+unit+"'", "the units are ms, s, min, h, d, mo, q, y, and their names like hours")
	}
	return Span{at, int(n), u}
}

// timeUnit returns the unit with the name, in any of its forms.
func timeUnit(name string) (TimeUnit, bool) {
	switch strings.ToLower(name) {
	case "ms", "milli", "millisecond", "milliseconds":
		return Millisecond, true
	case "s", "second", "seconds":
		return Second, true
	case "min", "minute", "minutes":
		return Minute, true
	case "h", "hour", "hours":
		return Hour, true
	case "d", "day", "days":
		return Day, true
	case "mo", "mon", "month", "months":
		return Month, true
	case "q", "quarter", "quarters":
		return Quarter, true
	case "y", "year", "years":
		return Year, true
	}
	return 0, false
}

func (p *parser) timeAggregates() []TimeAggregate {
	items := []TimeAggregate{p.timeAggregate()}
	for p.accept(tokenComma) {
		items = append(items, p.timeAggregate())
	}
	return items
}

func (p *parser) timeAggregate() TimeAggregate {
	a := TimeAggregate{Pos: p.tok.pos}
	name := p.ident("an aggregate like min()")
	f, ok := timeFunc(name)
	if !ok && p.err == nil {
		p.fail(a.Pos, "unknown aggregate '"+name+"' of a time series", didYouMean(name, timeFuncNames[:]...))
	}
	a.Func = f
	p.openParen()
	if f == TimePercentile {
		a.Percentile = p.numberLit()
	}
	p.closeParen()
	return a
}

func timeFunc(name string) (TimeFunc, bool) {
	lower := strings.ToLower(name)
	switch lower {
	case "avg":
		return TimeAverage, true
	case "stddev":
		return TimeStandardDeviation, true
	}
	for f := TimeMin; f <= TimePercentile; f++ {
		if lower == strings.ToLower(f.String()) {
			return f, true
		}
	}
	return 0, false
}

func (p *parser) numberLit() *NumberLit {
	if p.tok.kind != tokenNumber {
		p.expected("a number")
		return nil
	}
	p.next()
	return &NumberLit{p.last.pos, p.last.text}
}
