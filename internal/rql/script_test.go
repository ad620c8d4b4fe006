package rql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/rql"
)

// A block of JavaScript ends at its own brace, whatever braces stand in its strings, templates, comments and regular expressions.
func TestParse_FindsTheEndOfScripts(t *testing.T) {
	f := func(block string) {
		t.Helper()
		q, err := rql.Parse("from A update " + block + " limit 5")
		if err != nil {
			t.Errorf("%s: %v", block, err)
			return
		}
		if q.Update.Text != block || q.Limit == nil {
			t.Errorf("got %q, want %q", q.Update.Text, block)
		}
	}
	f("{}")
	f("{ { [ ( ) ] } }")
	f("{ x = '}' }")
	f(`{ x = "}\"}" + '\'}' }`)
	f("{ // }\n }")
	f("{ /* } */ }")
	// templates hold text and code in turns
	f("{ `}` }")
	f("{ `${ '}' }}` }")
	f("{ `${ `${ {} }` }` }")
	f("{ `\\`}\\${` }")
	f("{ `$}{$` }")
	// a slash behind an operator, a bracket that opens, or a keyword begins a regular expression
	f("{ x = /}/ }")
	f("{ f(/}/) }")
	f("{ [/}/] }")
	f("{ return /}/ }")
	f("{ x => /}/ }")
	f(`{ x = /\/}/ }`)
	f("{ x = /[/}]/ }")
	f("{ typeof /}/ }")
	f("{ if (x) /}/.test(y) }")
	f("{ while ((x)) /}/.test(y) }")
	f("{ if (x) { } /}/.test(y) }")
	f("{ /}/ }")
	// behind a value it divides
	f("{ x / y }")
	f("{ (x) / 2 + '/' }")
	f("{ x[0] / 2 + '/' }")
	f("{ 4 / 2 + '/' }")
	f("{ 'a' / 2 + '/' }")
	f("{ /a/ / 2 + '/' }")
	f("{ `a` / 2 + '/' }")
	f("{ x++ / 2 + '/' }")
	f("{ x-- / 2 + '/' }")
	f("{ x.return / 2 + '/' }")
	f("{ if (x) y = (z) / 2 + '/' }")
	f("{ ü / 2 + '/' }")
}

func TestParse_ScriptErrors(t *testing.T) {
	f := func(block string, wantOff int, want string) {
		t.Helper()
		text := "from A update " + block
		_, err := rql.Parse(text)
		e := &rql.SyntaxError{}
		ok := errors.As(err, &e)
		if !ok {
			t.Errorf("%s: got %v, want a SyntaxError", block, err)
			return
		}
		if got := e.Off - len("from A update "); got != wantOff || !strings.Contains(e.Msg, want) {
			t.Errorf("%s: got %q at %d, want %q at %d", block, e.Msg, got, want, wantOff)
		}
		wantSamePlace(t, text, e.Pos)
	}
	f("{", 0, "expected '}'")
	f("{ ( }", 4, "expected ')'")
	f("{ ü ) }", 5, "expected '}'")
	f("{ '\n' }", 2, "not closed on its line")
	f("{ \"", 2, "not closed on its line")
	f("{ `${ ` }", 6, "this template is not closed")
	f("{ `", 2, "this template is not closed")
	f("{ `${ ", 4, "expected '}'")
	f("{ /a\n/ }", 2, "this regular expression is not closed")
	f("{ \n /* }", 4, "this comment is not closed")
	f("{ `\\", 2, "this template is not closed")
}
