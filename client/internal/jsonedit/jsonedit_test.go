package jsonedit_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/client/internal/jsonedit"
)

func TestOverlay(t *testing.T) {
	f := func(original, before, after, want string) {
		t.Helper()
		got, err := jsonedit.Overlay([]byte(original), []byte(before), []byte(after))
		if err != nil || string(got) != want {
			t.Errorf("Overlay(%s, %s, %s) = %s, %v, want %s", original, before, after, got, err, want)
		}
	}
	// what the type does not know stays, and so do numbers as they were written
	f(`{"a":1.0,"x":[1, 2],"b":1e2}`, `{"a":1,"b":100}`, `{"a":1,"b":7}`, `{"a":1.0,"x":[1, 2],"b":7}`)
	// inside objects too; arrays are replaced
	f(`{"o":{"a":1,"x":2}}`, `{"o":{"a":1}}`, `{"o":{"a":3}}`, `{"o":{"a":3,"x":2}}`)
	f(`{"l":[{"a":1,"x":2}]}`, `{"l":[{"a":1}]}`, `{"l":[{"a":1},{"a":2}]}`, `{"l":[{"a":1},{"a":2}]}`)
	// members that went, came, or changed their kind
	f(`{"a":1,"b":2}`, `{"a":1,"b":2}`, `{"b":2}`, `{"b":2}`)
	f(`{"b":2}`, `{"b":2}`, `{"a":1,"b":2}`, `{"b":2,"a":1}`)
	f(`{"a":{"x":1}}`, `{"a":{}}`, `{"a":null}`, `{"a":null}`)
	f(`{"a":null}`, `{"a":null}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`)
	// a zero that the type leaves out is there all the same
	f(`{"a":0,"b":1}`, `{"b":1}`, `{"a":5,"b":1}`, `{"a":5,"b":1}`)
	// another spelling stays, unless both are meant
	f(`{"name":"Ada"}`, `{"Name":"Ada"}`, `{"Name":"Grace"}`, `{"name":"Grace"}`)
	f(`{"name":1,"Name":2}`, `{"Name":2}`, `{"Name":3}`, `{"name":1,"Name":3}`)
	f(`{"name":1}`, `{"name":1}`, `{"name":1,"Name":2}`, `{"name":1,"Name":2}`)
	f(`{}`, `{}`, `{"name":1,"Name":2}`, `{"name":1,"Name":2}`)
	// no HTML in documents
	f(`{"<":1}`, `{}`, `{"a":"x"}`, `{"<":1,"a":"x"}`)
}

func TestDifferences(t *testing.T) {
	f := func(before, after string, want ...string) {
		t.Helper()
		found, err := jsonedit.Differences([]byte(before), []byte(after))
		var got []string
		for _, d := range found {
			got = append(got, fmt.Sprintf("%s: %s -> %s", d.Path, d.Old, d.New))
		}
		if diff := cmp.Diff(got, want); diff != "" || err != nil {
			t.Errorf("%s, %s: %v (-got +want):\n%s", before, after, err, diff)
		}
	}
	f(`{"a":1}`, `{"a":1}`)
	f(`{"a":1,"b":2}`, `{"b":2,"a":1}`)
	f(`{"a":1,"b":{"c":[1,2,3]}}`, `{"b":{"c":[1,5]},"d":null}`, "a: 1 -> ", "b.c[1]: 2 -> 5", "b.c[2]: 3 -> ", "d:  -> null")
	f(`{"a":{"b":1}}`, `{"a":[1]}`, `a: {"b":1} -> [1]`)
	f(`1`, `2`, `: 1 -> 2`)
}

func TestErrors_OfTextsThatAreNoObjects(t *testing.T) {
	for _, text := range []string{``, `[]`, `{`, `{"a"}`, `{"a":1`, `1`, `{"a":1]`} {
		if _, err := jsonedit.ParseObject([]byte(text)); err == nil {
			t.Errorf("%q was read as an object", text)
		}
	}
}

// object draws a JSON object with few names, so that two of them have some in common.
func object(t *rapid.T, depth int, label string) map[string]any {
	o := map[string]any{}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 4, rapid.ID[string]).Draw(t, label) {
		switch kind := rapid.IntRange(0, 3).Draw(t, name); {
		case kind == 0 && depth > 0:
			o[name] = object(t, depth-1, label+name)
		case kind == 1:
			o[name] = []any{rapid.IntRange(0, 2).Draw(t, "item")}
		default:
			o[name] = rapid.IntRange(0, 2).Draw(t, "value")
		}
	}
	return o
}

func text(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Without members that the type does not know, the result is what the type says; without changes, the original. Differences are
// found exactly when two values differ.
func TestOverlay_Laws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := text(t, object(t, 2, "before")), text(t, object(t, 2, "after"))
		check := func(original, before, after, want []byte) {
			got, err := jsonedit.Overlay(original, before, after)
			if err != nil {
				t.Fatal(err)
			}
			var a, b any
			if json.Unmarshal(got, &a) != nil || json.Unmarshal(want, &b) != nil || !cmp.Equal(a, b) {
				t.Fatalf("Overlay(%s, %s, %s) = %s, want %s", original, before, after, got, want)
			}
		}
		check(before, before, after, after)
		check(after, before, before, text(t, merged(t, after, before)))
		found, err := jsonedit.Differences(before, after)
		if err != nil || (len(found) == 0) != (string(before) == string(after)) {
			t.Fatalf("%s, %s: %d differences, %v", before, after, len(found), err)
		}
	})
}

// merged is original with the members of same that it lacks: what an unchanged value says is there.
func merged(t *rapid.T, original, same []byte) map[string]json.RawMessage {
	var o, s map[string]json.RawMessage
	if json.Unmarshal(original, &o) != nil || json.Unmarshal(same, &s) != nil {
		t.Fatal("no objects")
	}
	for name, value := range s {
		if _, there := o[name]; !there {
			o[name] = value
		}
	}
	return o
}

// What is an object to encoding/json is one here, and Overlay of it with itself changes nothing.
func FuzzParseObject(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":{"c":[null,"x"]}}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var want map[string]any
		valid := json.Unmarshal(in, &want) == nil && want != nil
		o, err := jsonedit.ParseObject(in)
		if valid && err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		if !valid {
			return
		}
		var got map[string]any
		if err := json.Unmarshal(o.Append(nil), &got); err != nil || !cmp.Equal(got, want) {
			t.Fatalf("%q came back as %q, %v", in, o.Append(nil), err)
		}
		same, err := jsonedit.Overlay(in, in, in)
		if err != nil || !json.Valid(same) {
			t.Fatalf("Overlay of %q with itself: %q, %v", in, same, err)
		}
	})
}
