package rql

// condition prints c without parentheses around it.
func (p *printer) condition(c Condition) {
	switch c := c.(type) {
	case *Or:
		p.terms(c.Terms, " or ", isOr)
	case *And:
		p.terms(c.Terms, " and ", isOrAnd)
	case *Not:
		p.text("not ")
		p.term(c.Term, isOrAndNot)
	case *Constant:
		p.value(&BoolLit{Value: c.Value})
	case *Compare:
		p.value(c.Left)
		p.text(" " + c.Op.String() + " ")
		p.value(c.Right)
	case *Between:
		p.value(c.Operand)
		p.text(" between ")
		p.value(c.Low)
		p.text(" and ")
		p.value(c.High)
	case *In:
		p.in(c)
	case *Test:
		p.call(c.Call)
	default:
		p.function(c)
	}
}

func (p *printer) in(c *In) {
	p.value(c.Operand)
	if c.All {
		p.text(" all")
	}
	p.text(" in (")
	p.values(c.List)
	p.text(")")
}

// terms prints a chain; what the predicate names would be read as part of the chain and gets parentheses.
func (p *printer) terms(terms []Condition, operator string, wrap func(Condition) bool) {
	for i, t := range terms {
		if i > 0 {
			p.text(operator)
		}
		p.term(t, wrap)
	}
}

func (p *printer) term(c Condition, wrap func(Condition) bool) {
	if !wrap(c) {
		p.condition(c)
		return
	}
	p.text("(")
	p.condition(c)
	p.text(")")
}

func isOr(c Condition) bool {
	_, ok := c.(*Or)
	return ok
}

func isOrAnd(c Condition) bool {
	_, ok := c.(*And)
	return ok || isOr(c)
}

func isOrAndNot(c Condition) bool {
	_, ok := c.(*Not)
	return ok || isOrAnd(c)
}

// function prints the conditions that are written as functions.
func (p *printer) function(c Condition) {
	switch c := c.(type) {
	case *Match:
		p.text(c.Func.String() + "(")
		p.value(c.Field)
		p.then(c.Text)
	case *Search:
		p.text("search(")
		p.path(c.Field)
		p.then(c.Terms)
		if c.Operator != SearchUnstated {
			p.text(", " + c.Operator.String())
		}
	case *Exists:
		p.text("exists(")
		p.path(c.Field)
	case *Exact:
		p.text("exact(")
		p.condition(c.Term)
	case *Boost:
		p.text("boost(")
		p.condition(c.Term)
		p.then(c.Factor)
	case *Fuzzy:
		p.text("fuzzy(")
		p.condition(c.Term)
		p.then(c.Factor)
	case *Proximity:
		p.text("proximity(")
		p.condition(c.Term)
		p.then(c.Distance)
	case *Intersect:
		p.text("intersect(")
		p.terms(c.Terms, ", ", func(Condition) bool { return false })
	case *MoreLikeThis:
		p.moreLikeThis(c)
	case *Spatial:
		p.text(c.Func.String() + "(")
		p.value(c.Field)
		p.then(c.Shape)
		p.then(c.Error)
	}
	p.text(")")
}

// then prints a comma and v, nothing when v is nil.
func (p *printer) then(v Value) {
	if v != nil {
		p.text(", ")
		p.value(v)
	}
}

func (p *printer) moreLikeThis(c *MoreLikeThis) {
	p.text("moreLikeThis(")
	if c.Document != nil {
		p.value(c.Document)
	} else {
		p.condition(c.Term)
	}
	p.then(c.Options)
}
