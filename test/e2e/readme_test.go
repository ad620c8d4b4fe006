package e2e_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fenced finds a block of shell commands and the block behind it with what they print, if there is one.
var fenced = regexp.MustCompile("(?s)```sh\n(.*?)```\n(?:```text\n(.*?)```\n)?")

// changing finds what differs from run to run: ids of databases and instants.
var changing = regexp.MustCompile(`A:(\d+)-[\w+/]{22}|\d{4}-\d\d-\d\dT[\d:.]+Z`)

// Every command of the tour in README.md does what README.md shows.
func TestReadme_TourIsTrue(t *testing.T) {
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the tour needs %s", program)
		}
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 5 {
		t.Fatalf("found %d blocks of commands in README.md, want at least 5", len(blocks))
	}
	s := startServer(t, t.TempDir())
	for _, block := range blocks {
		commands, want := strings.ReplaceAll(block[1], "http://127.0.0.1:8080", s.url), block[2]
		out, err := exec.CommandContext(t.Context(), "bash", "-eu", "-c", "U="+s.url+"\n"+commands).CombinedOutput()
		if err != nil {
			t.Errorf("%s\n%v\n%s", commands, err, out)
		}
		if diff := cmp.Diff(steady(string(out)), steady(want)); diff != "" {
			t.Errorf("%s\nprints something else (-got +want):\n%s", commands, diff)
		}
	}
}

// steady replaces what differs from run to run.
func steady(text string) string {
	return strings.TrimSpace(changing.ReplaceAllString(text, "…$1"))
}
