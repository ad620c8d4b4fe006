package jsondoc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// parts cuts "a.b" into the path of an edit; "" is the empty path.
func parts(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}

func TestSet(t *testing.T) {
	f := func(text, path, value, want string) {
		t.Helper()
		doc := mustParse(t, text)
		got, err := jsondoc.Set(doc, parts(path), []byte(value))
		if err != nil {
			t.Errorf("Set(%s, %q, %s): %v", text, path, value, err)
			return
		}
		if string(got.Text()) != want {
			t.Errorf("Set(%s, %q, %s): got %s, want %s", text, path, value, got.Text(), want)
		}
		if string(doc.Text()) != text {
			t.Errorf("Set(%s, %q, %s) has changed its argument", text, path, value)
		}
		wantDocument(t, got, got.Text())
	}
	// the value in place of another
	f(`{"a":1,"b":2,"c":3}`, "a", `[ 1 ]`, `{"a":[1],"b":2,"c":3}`)
	f(`{"a":1,"b":[{}],"c":3}`, "b", `"\/"`, `{"a":1,"b":"/","c":3}`)
	f(`{"a":1,"b":{"x":{"y":0}}}`, "b.x.y", `null`, `{"a":1,"b":{"x":{"y":null}}}`)
	f(`[1,[2,3],4]`, "1.1", `5`, `[1,[2,5],4]`)
	f(`[1,[2,3],4]`, "2", `{}`, `[1,[2,3],{}]`)
	f(`{"a":1}`, "", `7`, `7`)
	// a field that is missing, and the objects on the way
	f(`{}`, "a", `1`, `{"a":1}`)
	f(`{"a":1}`, "b", `2`, `{"a":1,"b":2}`)
	f(`{"a":{}}`, "a.b.c", `2`, `{"a":{"b":{"c":2}}}`)
	f(`{"a":{"x":0},"z":1}`, "a.b.c.d", `2`, `{"a":{"x":0,"b":{"c":{"d":2}}},"z":1}`)
	f(`{"a":1}`, "\"\n/", `2`, `{"a":1,"\"\n/":2}`)
	f(`{"a":1}`, "\xED\xA0\x80", `2`, `{"a":1,"\ud800":2}`)
	// elements behind the last
	f(`[]`, "0", `1`, `[1]`)
	f(`[1]`, "1", `2`, `[1,2]`)
	f(`{"a":[1]}`, "a.1.x.y", `2`, `{"a":[1,{"x":{"y":2}}]}`)
}

func TestSet_Refuses(t *testing.T) {
	f := func(text, path, value, want string) {
		t.Helper()
		_, err := jsondoc.Set(mustParse(t, text), parts(path), []byte(value))
		if err == nil || err.Error() != want || fault.Of(err) != fault.Invalid {
			t.Errorf("Set(%s, %q, %s): got %v, want %s", text, path, value, err, want)
		}
	}
	f(`{"a":1}`, "a", `[1,]`, `line 1, column 4: expected a value, found "]" (leave out the comma before it)`)
	f(`{"a":1}`, "a.b", `1`, `path ["a" "b"], part 2: there is a number, not an object or array`)
	f(`{"a":[1]}`, "a.2", `1`, `path ["a" "2"], part 2: not the number of an element: the array has 1`)
	f(`{"a":[1]}`, "a.x", `1`, `path ["a" "x"], part 2: not the number of an element: the array has 1`)
	f(`{"a":[1]}`, "a.-1", `1`, `path ["a" "-1"], part 2: not the number of an element: the array has 1`)
	f(`{"a":{}}`, "a.b.\xFF", `1`, `path ["a" "b" "\xff"], part 3: the name is not UTF-8`)
}

func TestSet_RefusesDepth(t *testing.T) {
	doc := mustParse(t, `{}`)
	_, err := jsondoc.Set(doc, make([]string, jsondoc.DepthMax+1), []byte(`1`))
	if _, ok := errors.AsType[*jsondoc.SyntaxError](err); !ok {
		t.Errorf("got %v, want a syntax error about depth", err)
	}
}

func TestRemove(t *testing.T) {
	f := func(text, path, want string) {
		t.Helper()
		doc := mustParse(t, text)
		got, err := jsondoc.Remove(doc, parts(path))
		if err != nil {
			t.Errorf("Remove(%s, %q): %v", text, path, err)
			return
		}
		if string(got.Text()) != want {
			t.Errorf("Remove(%s, %q): got %s, want %s", text, path, got.Text(), want)
		}
		wantDocument(t, got, got.Text())
	}
	f(`{"a":1}`, "a", `{}`)
	f(`{"a":1,"b":2,"c":3}`, "a", `{"b":2,"c":3}`)
	f(`{"a":1,"b":[2],"c":3}`, "b", `{"a":1,"c":3}`)
	f(`{"a":1,"b":2,"c":{"d":[]}}`, "c", `{"a":1,"b":2}`)
	f(`{"a":{"b":1}}`, "a.b", `{"a":{}}`)
	f(`[1,2,[3]]`, "0", `[2,[3]]`)
	f(`[1,2,[3]]`, "2.0", `[1,2,[]]`)
	f(`[1,2,[3]]`, "2", `[1,2]`)
	// what is not there
	f(`{"a":1}`, "b", `{"a":1}`)
	f(`{"a":1}`, "a.b.c", `{"a":1}`)
	f(`[1]`, "1", `[1]`)
	f(`[1]`, "x", `[1]`)
	if _, err := jsondoc.Remove(mustParse(t, `{}`), nil); fault.Of(err) != fault.Invalid {
		t.Errorf("removing the root: got %v, want an error of kind invalid", err)
	}
}

func TestSet_MatchesTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, err := jsondoc.Parse([]byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		tree := node{kind: jsondoc.Object}
		drawPath := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "\"", "ä"}), 1, 3)
		for i := range rapid.IntRange(1, 20).Draw(t, "steps") {
			path := drawPath.Draw(t, "path")
			if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				tree.remove(path)
				doc, err = jsondoc.Remove(doc, path)
			} else if tree.set(path, fmt.Sprint(i)) {
				doc, err = jsondoc.Set(doc, path, fmt.Append(nil, i))
			} else if _, err := jsondoc.Set(doc, path, fmt.Append(nil, i)); err == nil {
				t.Fatalf("Set(%s, %q) goes through a scalar", doc.Text(), path)
			}
			if err != nil {
				t.Fatal(err)
			}
			wantNode(t, doc.Root(), tree)
		}
	})
}

// set is Set on the obvious form, of objects and numbers only; false if the path leads through a number.
func (n *node) set(path []string, number string) bool {
	if len(path) == 0 {
		*n = node{kind: jsondoc.Number, scalar: number}
		return true
	}
	if n.kind != jsondoc.Object {
		return false
	}
	for i, name := range n.names {
		if name == path[0] {
			return n.children[i].set(path[1:], number)
		}
	}
	child := node{kind: jsondoc.Object}
	child.set(path[1:], number)
	n.names, n.children = append(n.names, path[0]), append(n.children, child)
	return true
}

func (n *node) remove(path []string) {
	for i, name := range n.names {
		switch {
		case name != path[0]:
		case len(path) > 1:
			n.children[i].remove(path[1:])
		default:
			n.names = append(n.names[:i:i], n.names[i+1:]...)
			n.children = append(n.children[:i:i], n.children[i+1:]...)
			return
		}
	}
}
