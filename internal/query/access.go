package query

import (
	"fmt"
	"math"
	"strings"

	"github.com/rookerydb/rookery/internal/rql"
)

// allRows is the size of a page without a limit.
const allRows = math.MaxInt

// noIndexes ends the refusals of what only an index can answer.
const noIndexes = "indexes are not part of this version"

// accessKind says how the documents of an answer are found.
type accessKind uint8

const (
	accessAll    accessKind = iota // every document of the source, in the order of their last writes
	accessIDs                      // the documents with the ids, in that order
	accessPrefix                   // the documents whose ids begin with prefix, in the order of ids
	accessNone                     // no document: the condition is false
)

// access is how the documents are found. ids holds each id once, letters' case ignored.
type access struct {
	kind   accessKind
	ids    []string
	prefix string
}

func (a access) String() string {
	switch a.kind {
	case accessIDs:
		return "ids " + strings.Join(a.ids, " ")
	case accessPrefix:
		return "ids that begin with " + a.prefix
	case accessNone:
		return "nothing"
	default:
		return "all documents"
	}
}

// planWhere chooses the access for the condition. Plans over indexes will begin where this one refuses.
func (b *planner) planWhere(c rql.Condition) access {
	if c == nil {
		return access{}
	}
	if !b.isDirect(c) {
		part := b.culprit(c)
		b.refuse(part.Position(), describe(part)+" needs an index",
			noIndexes+": supported conditions are id() =, id() in, startsWith(id(), …)")
		return access{}
	}
	switch c := c.(type) {
	case *rql.Compare:
		return b.byIDs([]rql.Value{c.Right}, false)
	case *rql.In:
		return b.byIDs(c.List, true)
	case *rql.Match:
		return b.byPrefix(c.Text)
	case *rql.Constant:
		if !c.Value {
			return access{kind: accessNone}
		}
	}
	return access{}
}

// isDirect reports whether the document store answers the condition by itself.
func (b *planner) isDirect(c rql.Condition) bool {
	var operand rql.Value
	switch c := c.(type) {
	case *rql.Constant:
		return true
	case *rql.Compare:
		if c.Op == rql.Equal {
			operand = c.Left
		}
	case *rql.In:
		if !c.All {
			operand = c.Operand
		}
	case *rql.Match:
		if c.Func == rql.StartsWith {
			operand = c.Field
		}
	}
	id, ok := operand.(*rql.Call)
	return ok && b.isID(id)
}

// culprit returns the first part of c that is not direct; c itself when only the way its parts are joined is at fault.
func (b *planner) culprit(c rql.Condition) rql.Condition {
	for _, part := range parts(c) {
		if !b.isDirect(part) {
			return b.culprit(part)
		}
	}
	return c
}

func parts(c rql.Condition) []rql.Condition {
	switch c := c.(type) {
	case *rql.And:
		return c.Terms
	case *rql.Or:
		return c.Terms
	case *rql.Not:
		return []rql.Condition{c.Term}
	case *rql.Exact:
		return []rql.Condition{c.Term}
	case *rql.Boost:
		return []rql.Condition{c.Term}
	}
	return nil
}

// byIDs finds the texts among the values; list is false for =, where an array is no list of ids but a value that no id equals.
func (b *planner) byIDs(values []rql.Value, list bool) access {
	if !list && b.isArray(values[0]) {
		return access{kind: accessNone}
	}
	texts, err := b.params.texts(values)
	if err != nil {
		b.fail(err)
	}
	ids := distinct(texts)
	if len(ids) == 0 {
		return access{kind: accessNone}
	}
	return access{kind: accessIDs, ids: ids}
}

// byPrefix finds ids by their beginning. What is not a text begins no id.
func (b *planner) byPrefix(v rql.Value) access {
	if b.isArray(v) {
		return access{kind: accessNone}
	}
	texts, err := b.params.texts([]rql.Value{v})
	if err != nil {
		b.fail(err)
	}
	if len(texts) == 0 {
		return access{kind: accessNone}
	}
	return access{kind: accessPrefix, prefix: texts[0]}
}

// describe names a condition that is refused, by its field where it has one.
func describe(c rql.Condition) string {
	switch c := c.(type) {
	case *rql.Compare:
		return describeOperand(c.Left, c.Op.String())
	case *rql.Between:
		return describeOperand(c.Operand, "between")
	case *rql.In:
		if c.All {
			return describeOperand(c.Operand, "all in")
		}
		return describeOperand(c.Operand, "in")
	case *rql.Match:
		return describeField(c.Field, c.Func.String()+"()")
	case *rql.Search:
		return describeField(c.Field, "search()")
	case *rql.Exists:
		return describeField(c.Field, "exists()")
	case *rql.And:
		return "a condition with and"
	case *rql.Or:
		return "a condition with or"
	case *rql.Not:
		return "a condition with not"
	}
	text := rql.FormatCondition(c)
	name, _, _ := strings.Cut(text, "(")
	return "the condition " + name + "()"
}

func describeOperand(v rql.Value, operator string) string {
	if path, ok := v.(*rql.Path); ok {
		return fmt.Sprintf("a condition on field %q", path.Text())
	}
	return fmt.Sprintf("the condition %s %s …", rql.FormatValue(v), operator)
}

func describeField(v rql.Value, function string) string {
	if path, ok := v.(*rql.Path); ok {
		return fmt.Sprintf("%s on field %q", function, path.Text())
	}
	return fmt.Sprintf("%s on %s", function, rql.FormatValue(v))
}
