package api_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/api"
)

var update = flag.Bool("update", false, "rewrite the list of routes in docs/http.md")

const (
	httpPage   = "../../docs/http.md"
	listBegins = "<!-- routes: go test ./internal/api -run TestDocument -update -->\n"
	listEnds   = "<!-- end of routes -->"
)

// docs/http.md lists every route as the table of routes has it, and tells of each in a section of its own.
func TestDocument_TellsOfEveryRoute(t *testing.T) {
	content, err := os.ReadFile(httpPage)
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(content), "\r\n", "\n")
	before, rest, ok1 := strings.Cut(page, listBegins)
	list, after, ok2 := strings.Cut(rest, listEnds)
	if !ok1 || !ok2 {
		t.Fatalf("the lines around the list of routes are gone")
	}
	want := "\n| method | path | needs |\n|---|---|---|\n"
	for _, r := range api.Routes() {
		want += "| " + r[0] + " | `" + r[1] + "` | " + r[2] + " |\n"
	}
	want += "\n"
	if *update && list != want {
		if err := os.WriteFile(httpPage, []byte(before+listBegins+want+listEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if list != want {
		t.Errorf("the list of routes is old: run with -update, and write a section for what is new")
	}

	sections := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^### `(.+)`$").FindAllStringSubmatch(page, -1) {
		sections[m[1]] = true
	}
	for _, r := range api.Routes() {
		name := r[0] + " " + r[1]
		if !sections[name] {
			t.Errorf("there is no section %s", name)
		}
		delete(sections, name)
	}
	for name := range sections {
		t.Errorf("section %s tells of no route", name)
	}
}
