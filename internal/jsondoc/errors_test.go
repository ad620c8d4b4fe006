package jsondoc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

func TestParse_SaysWhatIsWrongAndWhere(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := jsondoc.Parse([]byte(text))
		var syntax *jsondoc.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Parse(%.80q): got error %v, want %s", text, err, want)
			return
		}
		if got := err.Error(); got != want {
			t.Errorf("Parse(%.80q):\n got %s\nwant %s", text, got, want)
		}
		if got := fault.Of(err); got != fault.Invalid {
			t.Errorf("Parse(%.80q): got kind %v, want invalid", text, got)
		}
		before := text[:syntax.Off]
		if line := strings.Count(before, "\n") + 1; line != syntax.Line {
			t.Errorf("Parse(%.80q): offset %d is in line %d, error says %d", text, syntax.Off, line, syntax.Line)
		}
	}

	// nothing, and what surrounds a document
	f(``, `line 1, column 1: the text is empty`)
	f(" \n ", `line 2, column 2: the text is empty`)
	f("\uFEFF{}", `line 1, column 1: the text begins with a byte order mark (save it as UTF-8 without one)`)
	f("\xFF\xFE{\x00}\x00", `line 1, column 1: expected a value, found the byte 0xff (send the text in UTF-8, not in UTF-16)`)
	f(`{} {}`, `line 1, column 4: expected nothing more behind the document, found "{" (send one document at a time)`)
	f(`1 2`, `line 1, column 3: expected nothing more behind the document, found "2"`)
	f("[1]\n]", `line 2, column 1: expected nothing more behind the document, found "]" (there is a closing bracket too many)`)
	f("{} // done", `line 1, column 4: expected nothing more behind the document, found "/" (JSON has no comments)`)
	f("1\x00", `line 1, column 2: expected nothing more behind the document, found "\x00"`)
	// values
	f(`{"a":}`, `line 1, column 6: expected a value, found "}" (a value is missing before it)`)
	f(`[1,,2]`, `line 1, column 4: expected a value, found "," (a value is missing before it)`)
	f(`[1,2,]`, `line 1, column 6: expected a value, found "]" (leave out the comma before it)`)
	f("[1,2,\n ]", `line 2, column 2: expected a value, found "]" (leave out the comma before it)`)
	f(`['a']`, `line 1, column 2: expected a value, found "'" (strings stand in double quotes)`)
	f(`{"a":hello}`, `line 1, column 6: expected a value, found "hello" (strings stand in double quotes)`)
	f(`{"a":NaN}`, `line 1, column 6: expected a value, found "NaN" (JSON has no NaN and no Infinity: use null or a string)`)
	f(`[Infinity]`, `line 1, column 2: expected a value, found "Infinity" (JSON has no NaN and no Infinity: use null or a string)`)
	f(`[-Infinity]`, `line 1, column 2: a minus sign without digits (JSON has no NaN and no Infinity: use null or a string)`)
	f(`True`, `line 1, column 1: expected a value, found "True" (write true in lower case)`)
	f(`[None]`, `line 1, column 2: expected a value, found "None" (write null)`)
	f(`undefined`, `line 1, column 1: expected a value, found "undefined" (write null)`)
	f(`[nul]`, `line 1, column 2: expected a value, found "nul" (strings stand in double quotes)`)
	f(`tru`, `line 1, column 1: expected a value, found "tru" (strings stand in double quotes)`)
	f(`fals`, `line 1, column 1: expected a value, found "fals" (strings stand in double quotes)`)
	f(`nulll`, `line 1, column 5: expected nothing more behind the document, found "l"`)
	f("[1, /* two */ 2]", `line 1, column 5: expected a value, found "/" (JSON has no comments)`)
	f("# all\n[]", `line 1, column 1: expected a value, found "#" (JSON has no comments)`)
	f("[\x01]", `line 1, column 2: expected a value, found "\x01"`)
	f(`[`, `line 1, column 2: expected a value, found the end of the text (is the text cut off?)`)
	f(`[1,`, `line 1, column 4: expected a value, found the end of the text (is the text cut off?)`)
	f(`}`, `line 1, column 1: expected a value, found "}" (a value is missing before it)`)
	// names
	f(`{a:1}`, `line 1, column 2: expected a property name in double quotes, found "a" (put the property name in double quotes)`)
	f(`{'a':1}`, `line 1, column 2: expected a property name in double quotes, found "'" (put the property name in double quotes)`)
	f(`{1:1}`, `line 1, column 2: expected a property name in double quotes, found "1" (put the property name in double quotes)`)
	f("{\"a\":1,\n}", `line 2, column 1: expected a property name in double quotes, found "}" (leave out the comma before it)`)
	f(`{"a":1,,"b":2}`, `line 1, column 8: expected a property name in double quotes, found "," (there is a comma too many)`)
	f(`{`, `line 1, column 2: expected a property name in double quotes, found the end of the text (is the text cut off?)`)
	f("{\n  // name\n}", `line 2, column 3: expected a property name in double quotes, found "/" (JSON has no comments)`)
	f(`{"a" 1}`, `line 1, column 6: expected ":" after the property name, found "1"`)
	f(`{"a"=1}`, `line 1, column 5: expected ":" after the property name, found "=" (write a colon instead)`)
	f(`{"a"}`, `line 1, column 5: expected ":" after the property name, found "}" (each property needs a value)`)
	f("{\n \"name\":1,\n \"x\":2, \"name\":3}", `line 3, column 9: property "name" appears twice in one object`)
	f(`{"a":1,"\u0061":2}`, `line 1, column 8: property "a" appears twice in one object`)
	f(`{"":1,"":2}`, `line 1, column 7: property "" appears twice in one object`)
	f(`{"ü":{"ü":0,"ö":1,"ö":2}}`, `line 1, column 19: property "ö" appears twice in one object`)
	f(`{ "\/":1, "b":{"\/":0}, "/":2}`, `line 1, column 25: property "/" appears twice in one object`)
	long := strings.Repeat("ä", 40)
	f(`{"`+long+`":1,"`+long+`":2}`, `line 1, column 47: property "`+strings.Repeat("ä", 32)+`..." appears twice in one object`)
	// behind values
	f(`[1 2]`, `line 1, column 4: expected "," or "]" after the element, found "2" (a comma is missing before it)`)
	f(`{"a":1 "b":2}`, `line 1, column 8: expected "," or "}" after the property, found "\"" (a comma is missing before it)`)
	f(`{"a":1]`, `line 1, column 7: expected "," or "}" after the property, found "]" (the innermost bracket that is open is {)`)
	f(`[1}`, `line 1, column 3: expected "," or "]" after the element, found "}" (the innermost bracket that is open is [)`)
	f(`{"a":1`, `line 1, column 7: expected "," or "}" after the property, found the end of the text (is the text cut off?)`)
	f(`{"a":1;"b":2}`, `line 1, column 7: expected "," or "}" after the property, found ";" (write a comma instead)`)
	f(`["a":1]`, `line 1, column 5: expected "," or "]" after the element, found ":" (only objects have names: use { } instead of [ ])`)
	f(`["a'b'c" 'd']`, `line 1, column 10: expected "," or "]" after the element, found "'" (strings stand in double quotes)`)
	// numbers
	f(`[01]`, `line 1, column 2: number 01 has a leading zero (leave it out, or make the number a string)`)
	f(`-007.5`, `line 1, column 1: number -007 has a leading zero (leave it out, or make the number a string)`)
	f(`[1.]`, `line 1, column 2: number 1. ends without digits`)
	f(`[1e]`, `line 1, column 2: number 1e ends without digits`)
	f(`[1e+]`, `line 1, column 2: number 1e+ ends without digits`)
	f(`-`, `line 1, column 1: a minus sign without digits`)
	f(`[.5]`, `line 1, column 2: expected a value, found "." (write a zero before the point)`)
	f(`[+5]`, `line 1, column 2: expected a value, found "+" (write the number without the plus sign)`)
	f(`[0x1F]`, `line 1, column 3: expected "," or "]" after the element, found "x" (numbers are written in decimal digits only)`)
	f(`[1_000]`, `line 1, column 3: expected "," or "]" after the element, found "_" (numbers are written in decimal digits only)`)
	f(`[1e999]`, `line 1, column 2: number 1e999 is too large for a float64 (make it a string)`)
	f(`[0, -1.8e308]`, `line 1, column 5: number -1.8e308 is too large for a float64 (make it a string)`)
	f(strings.Repeat("9", 310), `line 1, column 1: number `+strings.Repeat("9", 64)+`... is too large for a float64 (make it a string)`)
	// strings
	f(`{"a":"b`, `line 1, column 6: the string that begins here is not closed (close it with a double quote)`)
	f(`"a\`, `line 1, column 1: the string that begins here is not closed (close it with a double quote)`)
	f("[\"a\nb\"]", `line 1, column 4: a line break stands in a string (write it as \n, or close the string before it)`)
	f("\"a\tb\"", `line 1, column 3: a tab stands in a string (write it as \t)`)
	f("\"a\x00b\"", `line 1, column 3: the control character 0x00 stands in a string (write it as \u0000)`)
	f("\"a\x1fb\"", `line 1, column 3: the control character 0x1f stands in a string (write it as \u001f)`)
	f(`"a\x41"`, `line 1, column 3: there is no escape \x (write \u00 and two hexadecimal digits)`)
	f(`"it\'s"`, `line 1, column 4: there is no escape \' (a single quote needs no backslash)`)
	f(`"C:\dir"`, `line 1, column 4: there is no escape \d (a backslash itself is written \\)`)
	f(`"\u12g4"`, `line 1, column 2: \u is not followed by four hexadecimal digits`)
	f(`"\u12`, `line 1, column 2: \u is not followed by four hexadecimal digits`)
	f("\"ab\xFFcd\"", `line 1, column 4: the byte 0xff is not UTF-8 here (send the text in UTF-8)`)
	f("\"\xED\xA0\x80\"", `line 1, column 2: the byte 0xed is not UTF-8 here (send the text in UTF-8)`)
	f("\"\xC0\x80\"", `line 1, column 2: the byte 0xc0 is not UTF-8 here (send the text in UTF-8)`)
	f("\"ä\xC3", `line 1, column 3: the byte 0xc3 is not UTF-8 here (send the text in UTF-8)`)
	// depth
	f(strings.Repeat("[", 129), `line 1, column 129: arrays and objects lie more than 128 deep`)
}

func TestParse_FindsEveryNameTwice(t *testing.T) {
	var b strings.Builder
	for n := range 140 {
		fmt.Fprintf(&b, `"f%d":[],`, n)
		for k := 0; k <= n; k += 7 {
			text := "{" + b.String() + fmt.Sprintf(`"f%d":0}`, k)
			want := fmt.Sprintf(`line 1, column %d: property "f%d" appears twice in one object`, 2+b.Len(), k)
			if _, err := jsondoc.Parse([]byte(text)); err == nil || err.Error() != want {
				t.Fatalf("%d names: got %v, want %s", n+1, err, want)
			}
		}
	}
}

func TestParse_FindsTheFirstSecondOneInLargeObjects(t *testing.T) {
	var b strings.Builder
	b.WriteString("{")
	for i := range 500 {
		fmt.Fprintf(&b, "\"f\\u006f\\/\\ud83d\\ude00 %d\" :  %d ,\n", i, i)
	}
	text := b.String() + "\"fo/😀 300\":1, \"fo/😀 7\":1, \"fo/😀 300\":1}"
	_, err := jsondoc.Parse([]byte(text))
	want := `line 501, column 1: property "fo/😀 300" appears twice in one object`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := jsondoc.Parse([]byte(b.String() + "\"fo/😀 500\":1}")); err != nil {
		t.Errorf("no name twice: %v", err)
	}
}
