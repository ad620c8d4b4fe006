package cluster_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// docs/format/cluster-values.md has the rows of the tables in values_format.go, word for word.
func TestValuesFormat_AgreesWithTheDocument(t *testing.T) {
	text := func(path string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(b), "`", "")
	}
	page, code := text("../../docs/format/cluster-values.md"), text("values_format.go")
	rows := 0
	for _, m := range regexp.MustCompile(`(?m)^//\t(\S+) {2,}(\S.*?) {2,}(\S.*)$`).FindAllStringSubmatch(code, -1) {
		if m[1] == "field" || m[1] == "tree" {
			continue
		}
		rows++
		what, _, _ := strings.Cut(strings.ReplaceAll(m[3], `"`, ""), ": {")
		if row := "| " + m[1] + " | " + strings.ReplaceAll(m[2], `"`, "") + " | " + what; !strings.Contains(page, row) {
			t.Errorf("the page has no row %q", row)
		}
	}
	if rows != 12 {
		t.Errorf("%d rows in values_format.go, want 12", rows)
	}
}
