package archtest_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// direct finds the modules that go.mod requires for our own imports.
var direct = regexp.MustCompile(`(?m)^(?:require )?\s*([\w./-]+\.[\w./-]+) v\S+$`)

// Every module that we import has a line that says why.
func TestDependencies_AreExplained(t *testing.T) {
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(path.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	explained := read("docs/dependencies.md")
	for _, found := range direct.FindAllStringSubmatch(read("go.mod"), -1) {
		if !strings.Contains(explained, "| `"+found[1]+"`") {
			t.Errorf("go.mod requires %s, of which docs/dependencies.md says nothing: add a line that says why, and who else could do it", found[1])
		}
	}
}
