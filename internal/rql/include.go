package rql

import "fmt"

// includeFunctions are the forms of include items, as they are printed.
var includeFunctions = [...]string{
	"counters", "timeseries", "cmpxchg", "revisions", "highlight", "explanations", "timings",
}

// includeItems reads the items of include.
func (p *parser) includeItems() []Include {
	items := []Include{p.includeItem()}
	for p.accept(tokenComma) {
		items = append(items, p.includeItem())
	}
	return items
}

func (p *parser) includeItem() Include {
	at := p.tok.pos
	if p.tok.kind != tokenIdent || !p.peekIs(tokenOpenParen) {
		return &IncludePath{at, p.path()}
	}
	word := p.tok
	p.next()
	p.openParen()
	item := p.includeFunction(at, word)
	p.closeParen()
	return item
}

func (p *parser) includeFunction(at Pos, word token) Include {
	switch {
	case word.isWord("counters"):
		return p.includeCounters(at)
	case word.isWord("timeseries"):
		return p.includeTimeSeries(at)
	case word.isWord("cmpxchg"):
		return &IncludeCompareExchange{at, p.path()}
	case word.isWord("revisions"):
		return p.includeRevisions(at)
	case word.isWord("highlight"):
		return p.includeHighlight(at)
	case word.isWord("explanations"):
		return &IncludeExplanations{at, p.optionsParam()}
	case word.isWord("timings"):
		return &IncludeTimings{at}
	}
	hint := didYouMean(word.text, includeFunctions[:]...)
	if hint == "" {
		hint = "paths are included without a function: include Company"
	}
	p.fail(at, fmt.Sprintf("unknown function '%s' in include", word.text), hint)
	return nil
}

// includeCounters reads an optional path without quotes, then names: texts or parameters.
func (p *parser) includeCounters(at Pos) Include {
	c := &IncludeCounters{Pos: at}
	if p.tok.kind == tokenCloseParen {
		return c
	}
	if p.tok.kind == tokenIdent {
		c.Source = p.path()
		if !p.accept(tokenComma) {
			return c
		}
	}
	for {
		c.Names = append(c.Names, p.textOrParam("the name of a counter in quotes, or a parameter"))
		if !p.accept(tokenComma) {
			return c
		}
	}
}

func (p *parser) textOrParam(what string) Value {
	at := p.tok.pos
	switch p.tok.kind {
	case tokenString:
		p.next()
		return &StringLit{at, p.last.text}
	case tokenParam:
		p.next()
		return &Param{at, p.last.text}
	}
	p.expected(what)
	return nil
}

func (p *parser) numberOrParam() Value {
	at := p.tok.pos
	switch p.tok.kind {
	case tokenNumber:
		p.next()
		return &NumberLit{at, p.last.text}
	case tokenParam:
		p.next()
		return &Param{at, p.last.text}
	}
	p.expected("a number or parameter")
	return nil
}

// includeTimeSeries reads [source,] name [, range]. Which of the arguments a path is follows from how many there are.
func (p *parser) includeTimeSeries(at Pos) Include {
	t := &IncludeTimeSeries{Pos: at}
	args := []Value{p.seriesArg()}
	for p.accept(tokenComma) {
		if r, ok := p.countedRange(); ok {
			t.Range = r
			break
		}
		args = append(args, p.seriesArg())
	}
	if t.Range.Kind == RangeAll && len(args) > 2 {
		t.Range = IncludeRange{Kind: RangeBetween, From: args[len(args)-2], To: args[len(args)-1]}
		args = args[:len(args)-2]
	}
	p.seriesName(t, args)
	return t
}

// seriesArg reads a text, a path, a parameter or null.
func (p *parser) seriesArg() Value {
	at := p.tok.pos
	switch v := p.operand(valuePlace).(type) {
	case nil, *StringLit, *Path, *Param, *NullLit:
		return v
	}
	p.fail(at, "expected the name of a time series or an end of its range", "write timeseries('HeartRate', null, null)")
	return nil
}

// seriesName splits the arguments without the range into source and name.
func (p *parser) seriesName(t *IncludeTimeSeries, args []Value) {
	if p.err != nil {
		return
	}
	switch len(args) {
	case 2:
		path, ok := args[0].(*Path)
		if !ok {
			p.fail(args[0].Position(), "expected a path to the document of the time series", "a path is written without quotes")
		}
		t.Source, t.Name = path, args[1]
	case 1:
		t.Name = args[0]
	default:
		p.fail(t.Pos, "timeseries takes a path, a name and a range", "write timeseries(Patient, 'HeartRate', null, null)")
		return
	}
	if _, ok := t.Name.(*NullLit); ok {
		p.fail(t.Name.Position(), "expected the name of a time series", "")
	}
}

// countedRange reads last(3, 'Month') or first(10).
func (p *parser) countedRange() (IncludeRange, bool) {
	r := IncludeRange{}
	switch {
	case p.isWord("last"):
		r.Kind = RangeLast
	case p.isWord("first"):
		r.Kind = RangeFirst
	}
	if r.Kind == RangeAll || !p.peekIs(tokenOpenParen) {
		return IncludeRange{}, false
	}
	p.next()
	p.openParen()
	r.Count = p.numberOrParam()
	if p.accept(tokenComma) {
		r.Unit = p.textOrParam("a unit of time in quotes, or a parameter")
	}
	p.closeParen()
	return r, true
}

func (p *parser) includeRevisions(at Pos) Include {
	r := &IncludeRevisions{Pos: at}
	for {
		argAt := p.tok.pos
		switch v := p.operand(valuePlace).(type) {
		case nil, *StringLit, *Path, *Param:
			r.Args = append(r.Args, v)
		default:
			p.fail(argAt, "expected a path, a date in quotes, or a parameter", "")
		}
		if !p.accept(tokenComma) {
			return r
		}
	}
}

func (p *parser) includeHighlight(at Pos) Include {
	h := &IncludeHighlight{Pos: at, Field: p.path()}
	p.comma()
	h.FragmentLength = p.numberOrParam()
	p.comma()
	h.FragmentCount = p.numberOrParam()
	if p.accept(tokenComma) {
		h.Options = p.optionsParam()
		if h.Options == nil {
			p.expected("a parameter with options")
		}
	}
	return h
}

func (p *parser) optionsParam() *Param {
	if p.tok.kind != tokenParam {
		return nil
	}
	p.next()
	return &Param{p.last.pos, p.last.text}
}
