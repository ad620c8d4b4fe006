package rql

import "fmt"

// argShape is what may stand in the parentheses of a function that yields a value.
type argShape uint8

const (
	noArgs argShape = iota
	optionalAlias
	optionalValue
	onePath
	oneValue
	twoPaths
	twoValues
	pathAndValue
	counterArgs  // 'name', or alias and 'name'
	distanceArgs // spatial field, shape, optional rounding
	suggestArgs  // field, terms, optional options
	circleArgs   // radius, latitude, longitude, optional unit
	wktArgs      // text, optional unit
)

// valueFunction is a function that yields a value; name is canonical.
type valueFunction struct {
	name string
	args argShape
}

// functionSet is the functions that yield a value in one place of the language. others are names that are functions there too,
// but are read by someone else: they count when a misspelt name is corrected. otherwise is the hint for a name near none.
type functionSet struct {
	functions []valueFunction
	others    []string
	otherwise string
}

var (
	conditionFunctions = functionSet{
		[]valueFunction{{"id", optionalAlias}, {"key", noArgs}, {"count", noArgs}, {"sum", onePath}, {"cmpxchg", oneValue}},
		boolFunctions[:],
		"a condition compares fields as they are stored; compute other values in an index",
	}
	orderFunctions = functionSet{functions: []valueFunction{
		{"id", optionalAlias},
		{"score", noArgs},
		{"random", optionalValue},
		{"custom", pathAndValue},
		{"count", noArgs},
		{"sum", onePath},
		{"key", noArgs},
		{"spatial.distance", distanceArgs},
	}, otherwise: "an ordering is by fields as they are stored; compute other values in an index"}
	selectFunctions = functionSet{
		[]valueFunction{
			{"id", optionalAlias},
			{"key", noArgs},
			{"count", noArgs},
			{"sum", onePath},
			{"counter", counterArgs},
			{"cmpxchg", oneValue},
			{"suggest", suggestArgs},
		},
		[]string{"facet", "timeseries"},
		"functions of your own are declared before from: declare function name(doc) { … }",
	}
	shapeFunctions = functionSet{functions: []valueFunction{
		{"spatial.circle", circleArgs}, {"spatial.wkt", wktArgs}, {"spatial.point", twoValues},
	}}
	spatialFieldFunctions = functionSet{functions: []valueFunction{{"spatial.point", twoPaths}, {"spatial.wkt", onePath}}}
)

// call reads the arguments of the function word; tok is the opening parenthesis.
func (p *parser) call(word token, set *functionSet) Value {
	c := &Call{Pos: word.pos}
	if !p.enter() {
		return c
	}
	defer p.leave()
	f, declared := set.find(word.text), p.isDeclared(word.text)
	if f == nil && declared == nil {
		p.unknownFunction(word, set)
		return c
	}
	p.openParen()
	if declared != nil {
		c.Name, c.Args = declared.Name, p.declaredArgs()
	} else {
		c.Name, c.Args = f.name, p.callArgs(f.args)
	}
	p.closeParen()
	if c.Name == "cmpxchg" && p.tok.kind == tokenDot {
		c.Member = p.members()
	}
	return c
}

func (s *functionSet) find(name string) *valueFunction {
	for i := range s.functions {
		if foldEqual(name, s.functions[i].name) {
			return &s.functions[i]
		}
	}
	return nil
}

func (p *parser) unknownFunction(word token, set *functionSet) {
	if p.err != nil {
		return
	}
	var names []string
	for _, f := range set.functions {
		names = append(names, f.name)
	}
	names = append(names, set.others...)
	for _, d := range p.declared {
		names = append(names, d.Name)
	}
	hint := didYouMean(word.text, names...)
	if hint == "" {
		hint = elsewhere(word.text, set)
	}
	p.fail(word.pos, fmt.Sprintf("unknown function '%s'", word.text), hint)
}

// elsewhere returns where a function that is unknown here is at home.
func elsewhere(name string, set *functionSet) string {
	for _, f := range [...]string{"getmetadata", "lastmodified", "load", "counterraw", "loadpath"} {
		if foldEqual(name, f) {
			return "inside a select this is JavaScript: select { … } or a declared function"
		}
	}
	for _, f := range [...]string{"score", "random", "custom", "spatial.distance"} {
		if foldEqual(name, f) {
			return "this function belongs to order by"
		}
	}
	for _, f := range [...]string{"facet", "suggest", "timeseries", "counter"} {
		if foldEqual(name, f) {
			return "this function belongs to select"
		}
	}
	return set.otherwise
}

// declaredArgs reads the arguments of a declared function: aliases, paths, literals, parameters, other calls.
func (p *parser) declaredArgs() []Value {
	if p.tok.kind == tokenCloseParen {
		return nil
	}
	args := []Value{p.value(valuePlace, &selectFunctions)}
	for p.accept(tokenComma) {
		args = append(args, p.value(valuePlace, &selectFunctions))
	}
	return args
}

// callArgs reads arguments of the shape, up to the closing parenthesis.
func (p *parser) callArgs(shape argShape) []Value {
	switch shape {
	case optionalAlias:
		if p.tok.kind == tokenIdent {
			return []Value{p.path()}
		}
	case optionalValue:
		return p.more(nil)
	case onePath:
		return []Value{p.path()}
	case oneValue:
		return []Value{p.operand(valuePlace)}
	case twoPaths:
		return p.then([]Value{p.path()}, fieldPlace)
	case twoValues:
		return p.then([]Value{p.operand(valuePlace)}, valuePlace)
	case pathAndValue:
		return p.then([]Value{p.path()}, valuePlace)
	case counterArgs:
		return p.more([]Value{p.operand(valuePlace)})
	case distanceArgs:
		field := p.spatialField()
		p.comma()
		return p.more([]Value{field, p.shape()})
	case suggestArgs:
		return p.more(p.then([]Value{p.path()}, valuePlace))
	case circleArgs:
		return p.more(p.then(p.then([]Value{p.operand(valuePlace)}, valuePlace), valuePlace))
	case wktArgs:
		return p.more([]Value{p.operand(valuePlace)})
	}
	return nil
}

// then reads a comma and one more argument.
func (p *parser) then(args []Value, in place) []Value {
	p.comma()
	if in == fieldPlace {
		return append(args, p.path())
	}
	return append(args, p.operand(valuePlace))
}

// more reads one more argument if there is one; a comma comes first unless args is empty.
func (p *parser) more(args []Value) []Value {
	if len(args) == 0 && p.tok.kind != tokenCloseParen || p.accept(tokenComma) {
		return append(args, p.operand(valuePlace))
	}
	return args
}

// members reads the path behind a call: .name.first
func (p *parser) members() []Segment {
	var segs []Segment
	for p.accept(tokenDot) {
		at := p.tok.pos
		s := p.segment()
		p.checkSegment(at, s)
		p.subscript(&s)
		segs = append(segs, s)
	}
	return segs
}
