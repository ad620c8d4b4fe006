package rql

import "strconv"

// timeSeries prints a time-series query, as it stands in timeseries(…).
func (p *printer) timeSeries(t *TimeSeries) {
	p.text("from ")
	p.path(t.Source)
	p.timeRange(&t.Range)
	if t.TagAlias != "" {
		p.text(" load Tag")
		p.alias(t.TagAlias)
	}
	if t.Where != nil {
		p.text(" where ")
		p.condition(t.Where)
	}
	if t.GroupBy != nil {
		p.timeGroup(t.GroupBy)
	}
	for i, a := range t.Select {
		p.begin(i, " select ")
		p.text(a.Func.String() + "(")
		if a.Percentile != nil {
			p.value(a.Percentile)
		}
		p.text(")")
	}
	if t.Scale != nil {
		p.text(" scale ")
		p.value(t.Scale)
	}
	if t.Offset != nil {
		p.text(" offset ")
		p.value(t.Offset)
	}
}

func (p *printer) timeRange(r *TimeRange) {
	switch r.Kind {
	case RangeBetween:
		p.text(" between ")
		p.value(r.From)
		p.text(" and ")
		p.value(r.To)
	case RangeLast:
		p.text(" last ")
		p.span(r.Span)
	case RangeFirst:
		p.text(" first ")
		p.span(r.Span)
	case RangeAll:
	}
}

func (p *printer) span(s Span) {
	p.b = strconv.AppendInt(p.b, int64(s.Count), 10)
	p.text(" " + s.Unit.String())
	if s.Count != 1 {
		p.text("s")
	}
}

func (p *printer) timeGroup(g *TimeGroup) {
	p.text(" group by ")
	p.span(g.Span)
	if g.By != nil {
		p.text(", ")
		p.path(g.By)
	}
	if g.Interpolation != InterpolationNone {
		p.text(" with interpolation(" + g.Interpolation.String() + ")")
	}
}
