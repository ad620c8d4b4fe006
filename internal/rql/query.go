package rql

import "fmt"

// query reads the whole text: declarations, from, the clauses, an optional semicolon.
func (p *parser) query() *Query {
	q := &Query{}
	p.refuseGraph()
	for p.isWord("declare") {
		q.Declarations = append(q.Declarations, p.declaration())
		p.declared = q.Declarations
		p.refuseGraph()
	}
	q.From = p.from()
	p.clauses(q)
	if p.accept(tokenSemicolon) && p.tok.kind != tokenEnd {
		p.expected("the end of the query")
	}
	if p.tok.kind != tokenEnd {
		p.trailing(q)
	}
	return q
}

func (p *parser) refuseGraph() {
	if p.isWord("with") || p.isWord("match") {
		p.fail(p.tok.pos, "graph queries (with …, match …) are not part of RQL here", "use include, load or an index that loads related documents")
	}
}

// clauseKind numbers the clauses in the order in which they are printed.
type clauseKind uint8

const (
	noClause clauseKind = iota
	clauseGroupBy
	clauseWhere
	clauseOrderBy
	clauseLoad
	clauseFilter
	clauseSelect
	clauseInclude
	clauseLimit
	clauseOffset
	clauseFilterLimit
	clauseUpdate
	clauseCount
)

// clauseWords are the words that begin the clauses, by clauseKind.
var clauseWords = [clauseCount]string{
	"", "group", "where", "order", "load", "filter", "select", "include", "limit", "offset", "filter_limit", "update",
}

// clauseOf returns the clause that t begins, noClause if none.
func clauseOf(t *token) clauseKind {
	if t.kind != tokenIdent {
		return noClause
	}
	for c := clauseGroupBy; c < clauseCount; c++ {
		if t.isWord(clauseWords[c]) {
			return c
		}
	}
	return noClause
}

// clauses reads clauses in any order, each at most once; select and update exclude each other.
func (p *parser) clauses(q *Query) {
	var seen [clauseCount]Pos
	for p.err == nil {
		c := clauseOf(&p.tok)
		if c == noClause {
			return
		}
		p.checkClause(c, &seen)
		seen[c] = p.tok.pos
		p.clause(c, q)
	}
}

func (p *parser) checkClause(c clauseKind, seen *[clauseCount]Pos) {
	if first := seen[c]; first.Line != 0 {
		p.fail(p.tok.pos, fmt.Sprintf("a second '%s' clause; the first is at %s", clauseWords[c], first.Place()), "each clause stands at most once")
	}
	other := noClause
	switch c {
	case clauseSelect:
		other = clauseUpdate
	case clauseUpdate:
		other = clauseSelect
	}
	if first := seen[other]; first.Line != 0 {
		p.fail(p.tok.pos, fmt.Sprintf("'%s' cannot stand together with '%s' at %s", clauseWords[c], clauseWords[other], first.Place()),
			"a query either projects its results or updates them")
	}
}

func (p *parser) clause(c clauseKind, q *Query) {
	at := p.tok.pos
	p.next()
	switch c {
	case clauseGroupBy:
		p.expectWord("by")
		q.GroupBy = p.groupKeys()
	case clauseWhere:
		q.Where = p.condition()
	case clauseOrderBy:
		p.expectWord("by")
		q.OrderBy = p.orderItems()
	case clauseLoad:
		q.Load = p.loadItems()
	case clauseFilter:
		q.Filter = p.condition()
	case clauseSelect:
		q.Select = p.selectClause(at)
	case clauseInclude:
		q.Include = p.includeItems()
	case clauseLimit, clauseOffset:
		p.paging(c, at, q)
	case clauseFilterLimit:
		q.FilterLimit = p.countValue("filter_limit")
	case clauseUpdate:
		q.Update = p.script()
	}
}

// trailing reports text behind the last clause, with the clause that may have been meant.
func (p *parser) trailing(q *Query) {
	hint := ""
	switch {
	case p.tok.kind == tokenIdent:
		hint = didYouMean(p.tok.text, clauseWords[1:]...)
	case p.last.kind == tokenIdent && p.last.text == q.From.Alias:
		hint = didYouMean(p.last.text, clauseWords[1:]...)
	}
	if hint == "" && q.From.Alias != "" {
		if h := didYouMean(q.From.Alias, clauseWords[1:]...); h != "" {
			hint = "'" + q.From.Alias + "' was read as the alias; " + h
		}
	}
	p.expectedHint("a clause or the end of the query", hint)
}
