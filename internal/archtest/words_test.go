package archtest_test

import (
	"bytes"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"testing"
)

// machine finds what belongs to the machine of whoever wrote a file, and to nobody who reads it: home folders, checkouts,
// hosts of registries. The pieces are joined here so that this file does not find itself.
var machine = regexp.MustCompile(strings.Join([]string{
	`(^|[\s"'=(:,` + "`" + `])/(` + `home|` + `root|` + `work)/[\w.]`,
	`/tmp/` + `[a-z]`,
	`https?://[\w.-]*(registry` + `\.|proxy\.` + `golang)`,
	`file:///` + `\w`,
}, "|"))

// mentions returns the lines of text that name a machine, as "line: text".
func mentions(text []byte) []string {
	var found []string
	for line := range bytes.Lines(text) {
		if machine.Match(line) {
			found = append(found, strings.TrimSpace(string(line)))
		}
	}
	return found
}

func TestFiles_NameNoMachine(t *testing.T) {
	for _, name := range repositoryFiles(t) {
		text, err := os.ReadFile(path.Join(root, name))
		if os.IsNotExist(err) {
			continue // removed, but not yet from the index
		}
		if err != nil {
			t.Fatal(err)
		}
		if isBinary(text) {
			continue
		}
		for _, line := range mentions(text) {
			t.Errorf("%s names a machine: %.200s", name, line)
		}
	}
}

func TestFiles_FindPlantedMachines(t *testing.T) {
	f := func(text string, want int) {
		t.Helper()
		if got := len(mentions([]byte(text))); got != want {
			t.Errorf("%q: got %d findings, want %d", text, got, want)
		}
	}
	f("see /ho"+"me/ann/notes", 1)
	f("-dir=/wo"+"rk/main", 1)
	f(`"resolved": "https://regis`+`try.example.org/ravendb"`, 1)
	f("cd /tm"+"p/x\nok\n/ro"+"ot/go", 2)
	f("GET /databases/{db}/docs and the network/wo"+"rk/flow", 0)
	f("https://www.apache.org/licenses/", 0)
}

// isBinary says whether text has a zero byte near its beginning, as git judges it.
func isBinary(text []byte) bool { return bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 }

// repositoryFiles lists what is in the repository or would be after "git add": not what .gitignore names.
func repositoryFiles(t *testing.T) []string {
	t.Helper()
	git := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git.Dir = root
	out, err := git.Output()
	if err != nil {
		t.Skipf("no git here, so nothing tells which files belong to the repository: %v", err)
	}
	return strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
}
