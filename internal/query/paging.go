package query

import (
	"math"

	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/rql"
)

// Page is the part of the answer that the request asks for beside the query: how many rows to leave out, and how many to give
// at most. A Size of zero gives no rows; for all of them it is the largest int.
type Page struct{ Start, Size int }

// limits is what the limit clause says. Clients that write a limit clause send the same page in the request as well: so a start
// is never applied twice, and the smaller size counts.
type limits struct {
	given  bool // there is a limit clause: the request's start does not count
	offset int
	size   int // math.MaxInt when not given
}

func (l limits) page(asked Page) Page {
	start := asked.Start
	if l.given {
		start = l.offset
	}
	return Page{Start: start, Size: min(l.size, asked.Size)}
}

func (b *planner) planLimit(l *rql.Limit) limits {
	all := limits{size: math.MaxInt}
	if l == nil {
		return all
	}
	all.given = true
	all.offset = b.count(l.Offset, 0)
	all.size = b.count(l.Size, math.MaxInt)
	return all
}

// count returns a whole number from 0; fallback for null and for what was not given. Numbers over the largest int are that.
func (b *planner) count(v rql.Value, fallback int) int {
	switch v := v.(type) {
	case *rql.NumberLit:
		n, _ := v.Int64() // the parser has seen to it
		return int(n)
	case *rql.Param:
		value, err := b.params.of(v)
		if err != nil {
			b.fail(err)
			return fallback
		}
		if value.Kind() == jsondoc.Null {
			return fallback
		}
		n, ok := value.Int64()
		if !ok || n < 0 {
			b.fail(&ParameterError{v.Pos, v.Name, "is not a whole number from 0, as limit and offset need it"})
		}
		return int(n)
	}
	return fallback
}
