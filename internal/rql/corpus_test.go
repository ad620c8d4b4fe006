package rql_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/rql"
)

var update = flag.Bool("update", false, "write the answers of the scripts in testdata anew; read the difference as a reviewer")

// corpusCase is one query of a script and what stands below it: the canonical text and the tree, or the error.
type corpusCase struct {
	comment, input, want string
}

// readCorpus reads testdata/*.txt. Cases are divided by lines of "====", a query from its answer by "----"; lines that begin
// with # before a query are comments.
func readCorpus(t testing.TB) []corpusCase {
	t.Helper()
	var all []corpusCase
	for _, name := range corpusFiles(t) {
		all = append(all, readScript(t, name)...)
	}
	return all
}

func corpusFiles(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts in testdata: %v", err)
	}
	return names
}

func readScript(t testing.TB, name string) []corpusCase {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var cases []corpusCase
	for block := range strings.SplitSeq(string(data), "====\n") {
		input, want, _ := strings.Cut(block, "----\n")
		c := corpusCase{input: input, want: want}
		for strings.HasPrefix(c.input, "#") {
			line, rest, _ := strings.Cut(c.input, "\n")
			c.comment += line + "\n"
			c.input = rest
		}
		c.input = strings.TrimSuffix(c.input, "\n")
		cases = append(cases, c)
	}
	return cases
}

func TestParse_Corpus(t *testing.T) {
	for _, name := range corpusFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			cases := readScript(t, name)
			var blocks []string
			for i, c := range cases {
				got := answer(t, c.input)
				blocks = append(blocks, c.comment+c.input+"\n----\n"+got)
				if diff := cmp.Diff(c.want, got); diff != "" && !*update {
					t.Errorf("case %d, %s\n(-want +got):\n%s", i+1, c.input, diff)
				}
			}
			if *update {
				writeScript(t, name, strings.Join(blocks, "====\n"))
			}
		})
	}
}

func writeScript(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// answer parses and prints: the canonical text and the tree, or the error.
func answer(t *testing.T, input string) string {
	t.Helper()
	q, err := rql.Parse(input)
	if err != nil {
		wantPlace(t, input, err)
		return "error: " + err.Error() + "\n"
	}
	wantRoundTrip(t, q)
	var b bytes.Buffer
	dumpNode(&b, "", "", reflect.ValueOf(q))
	return q.String() + "\n" + b.String()
}

// dumpNode prints a tree by its fields, without positions and without what is empty.
func dumpNode(b *bytes.Buffer, indent, label string, v reflect.Value) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case rql.Pos:
		return
	case rql.Path:
		fmt.Fprintf(b, "%s%sPath %s\n", indent, label, x.Text())
		return
	case fmt.Stringer:
		if v.Kind() != reflect.Struct {
			fmt.Fprintf(b, "%s%s%s\n", indent, label, x)
			return
		}
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			dumpNode(b, indent, label, v.Index(i))
		}
		return
	}
	if v.Kind() != reflect.Struct {
		fmt.Fprintf(b, "%s%s%#v\n", indent, label, v.Interface())
		return
	}
	fmt.Fprintf(b, "%s%s%s\n", indent, label, v.Type().Name())
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() && f.Type() != reflect.TypeFor[rql.Pos]() {
			dumpNode(b, indent+"  ", v.Type().Field(i).Name+" ", f)
		}
	}
}
