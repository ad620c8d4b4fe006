package rql

func (p *printer) selectClause(s *Select) {
	if s == nil {
		return
	}
	p.text(" select ")
	if s.Distinct {
		p.text("distinct ")
	}
	switch {
	case s.All:
		p.text("*")
	case s.Object != nil:
		p.text(s.Object.Text)
	}
	for i, item := range s.Items {
		p.comma(i)
		p.selected(item.Value)
		p.alias(item.Alias)
	}
}

func (p *printer) selected(v Selected) {
	switch v := v.(type) {
	case *Facet:
		p.facet(v)
	case *TimeSeries:
		p.text("timeseries(")
		p.timeSeries(v)
		p.text(")")
	case Value:
		p.value(v)
	}
}

func (p *printer) facet(f *Facet) {
	p.text("facet(")
	n := 0
	if f.Field != nil {
		p.path(f.Field)
		n++
	}
	if f.Setup != nil {
		p.text("id(")
		p.value(f.Setup)
		p.text(")")
		n++
	}
	for _, r := range f.Ranges {
		p.comma(n)
		p.condition(r)
		n++
	}
	for _, a := range f.Aggregations {
		p.comma(n)
		p.text(a.Func + "(")
		p.path(a.Path)
		p.text(")")
		p.alias(a.Alias)
		n++
	}
	if f.Options != nil {
		p.comma(n)
		p.value(f.Options)
	}
	p.text(")")
}

func (p *printer) includes(items []Include) {
	for i, item := range items {
		p.begin(i, " include ")
		p.include(item)
	}
}

func (p *printer) include(item Include) {
	switch x := item.(type) {
	case *IncludePath:
		p.path(x.Path)
		return
	case *IncludeCounters:
		p.text("counters(")
		if x.Source != nil {
			p.path(x.Source)
		}
		for i, name := range x.Names {
			if i > 0 || x.Source != nil {
				p.text(", ")
			}
			p.value(name)
		}
	case *IncludeTimeSeries:
		p.includeTimeSeries(x)
	case *IncludeCompareExchange:
		p.text("cmpxchg(")
		p.path(x.Path)
	case *IncludeRevisions:
		p.text("revisions(")
		p.values(x.Args)
	case *IncludeHighlight:
		p.text("highlight(")
		p.path(x.Field)
		p.then(x.FragmentLength)
		p.then(x.FragmentCount)
		p.thenParam(x.Options)
	case *IncludeExplanations:
		p.text("explanations(")
		if x.Options != nil {
			p.value(x.Options)
		}
	case *IncludeTimings:
		p.text("timings(")
	}
	p.text(")")
}

// thenParam prints a comma and v; a nil *Param in a Value would not be nil.
func (p *printer) thenParam(v *Param) {
	if v != nil {
		p.then(v)
	}
}

func (p *printer) includeTimeSeries(t *IncludeTimeSeries) {
	p.text("timeseries(")
	if t.Source != nil {
		p.path(t.Source)
		p.text(", ")
	}
	p.value(t.Name)
	switch t.Range.Kind {
	case RangeBetween:
		p.then(t.Range.From)
		p.then(t.Range.To)
		return
	case RangeAll:
		return
	case RangeLast:
		p.text(", last(")
	case RangeFirst:
		p.text(", first(")
	}
	p.value(t.Range.Count)
	p.then(t.Range.Unit)
	p.text(")")
}
