package archtest_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// osFS is os.DirFS by a name that says what it gives.
func osFS(dir string) fs.FS { return os.DirFS(dir) }

// layers is what layers.txt says: for each package, what it may import of this module.
type layers map[string][]string

// bans are what layers.txt says with "!": for each package, what it must not reach by any way round.
type bans map[string][]string

// free are the packages that anybody may import.
var free = []string{"internal/fault", "internal/invariant", "internal/storage/planted"}

// parseLayers reads lines of "package: may import, may import" and "package: !must not reach"; # begins a comment.
func parseLayers(text string) (layers, bans, error) {
	l, banned := layers{}, bans{}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, allowed, ok := strings.Cut(line, ":")
		if !ok {
			return nil, nil, fmt.Errorf("layers.txt line %d: want \"package: imports\", have %q", i+1, line)
		}
		if strings.HasPrefix(strings.TrimSpace(allowed), "!") {
			for pkg := range strings.FieldsSeq(allowed) {
				banned[name] = append(banned[name], strings.TrimPrefix(pkg, "!"))
			}
			continue
		}
		if _, twice := l[name]; twice {
			return nil, nil, fmt.Errorf("layers.txt line %d: %s is listed twice", i+1, name)
		}
		l[name] = strings.Fields(allowed)
	}
	return l, banned, nil
}

// violations returns one sentence for each package that reaches what it must not, by the imports that files have, tests
// aside.
func (b bans) violations(files []sourceFile) []string {
	imports := map[string][]string{}
	for _, f := range files {
		for _, imported := range f.imports() {
			if to, ours := withinModule(imported); ours && !f.test {
				imports[f.pkg] = append(imports[f.pkg], to)
			}
		}
	}
	var found []string
	for from, banned := range b {
		roads := reach(imports, from)
		for _, pkg := range banned {
			if road, ok := roads[pkg]; ok {
				found = append(found, fmt.Sprintf("%s must not reach %s, but does: %s", from, pkg, strings.Join(road, " -> ")))
			}
		}
	}
	slices.Sort(found)
	return found
}

// reach returns everything that from imports, by whatever way round, each with a shortest road to it.
func reach(imports map[string][]string, from string) map[string][]string {
	roads := map[string][]string{from: {from}}
	for next := []string{from}; len(next) > 0; next = next[1:] {
		for _, to := range imports[next[0]] {
			if _, known := roads[to]; !known {
				roads[to] = append(slices.Clone(roads[next[0]]), to)
				next = append(next, to)
			}
		}
	}
	return roads
}

// allows says whether from may import to. Test files may import a little more, see allowsTest.
func (l layers) allows(from, to string, test bool) bool {
	if slices.Contains(free, to) || from == to || test && allowsTest(from, to) {
		return true
	}
	for _, allowed := range l[from] {
		parent, covers := strings.CutSuffix(allowed, "/*")
		if allowed == to || covers && strings.HasPrefix(to, parent+"/") {
			return true
		}
	}
	return false
}

// allowsTest says what test files may import beyond their package's line: helpers called xxxtest, the disks that live in
// memory, and children of their own package, on all of which one suite may run.
func allowsTest(from, to string) bool {
	return isTestPackage(to) || within(to, []string{"internal/vfs", from})
}

// isTestPackage says whether only tests live in pkg or import it: those are on no floor.
func isTestPackage(pkg string) bool {
	return strings.HasSuffix(path.Base(pkg), "test") || pkg == "test" || strings.HasPrefix(pkg, "test/")
}

// violations returns one sentence for everything in files that the plan does not allow.
func (l layers) violations(files []sourceFile) []string {
	var found []string
	packages := map[string]bool{}
	for _, f := range files {
		packages[f.pkg] = true
		if isTestPackage(f.pkg) {
			continue
		}
		for _, imported := range f.imports() {
			to, ours := withinModule(imported)
			if ours && !l.allows(f.pkg, to, f.test) {
				found = append(found, fmt.Sprintf("%s imports %s: if that is right, add it to the line of %s in layers.txt", f.name, to, f.pkg))
			}
		}
	}
	for pkg := range packages {
		if _, listed := l[pkg]; !listed && !isTestPackage(pkg) {
			found = append(found, fmt.Sprintf("package %s is not in layers.txt: give it a line on its floor", pkg))
		}
	}
	for pkg, allowed := range l {
		if !packages[pkg] {
			found = append(found, fmt.Sprintf("layers.txt lists %s, which has no Go files", pkg))
		}
		for _, to := range allowed {
			parent, covers := strings.CutSuffix(to, "/*")
			if _, listed := l[parent]; !listed && !covers && to != "." {
				found = append(found, fmt.Sprintf("layers.txt lets %s import %s, which it does not list", pkg, to))
			}
		}
	}
	slices.Sort(found)
	return found
}

// withinModule turns an import path into a directory from the root; false for other modules and the standard library.
func withinModule(imported string) (string, bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

func readLayers(t *testing.T) (layers, bans) {
	t.Helper()
	text, err := os.ReadFile("layers.txt")
	if err != nil {
		t.Fatal(err)
	}
	l, banned, err := parseLayers(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return l, banned
}

func TestLayers_EveryImportIsInThePlan(t *testing.T) {
	l, banned := readLayers(t)
	files := parseTree(t, root)
	for _, v := range slices.Concat(l.violations(files), banned.violations(files)) {
		t.Error(v)
	}
}

// The plan itself has no circle: floors are floors. (The compiler only sees the arrows that are used.)
func TestLayers_PlanHasNoCircle(t *testing.T) {
	l, _ := readLayers(t)
	done := map[string]bool{}
	var walk func(pkg string, road []string)
	walk = func(pkg string, road []string) {
		if slices.Contains(road, pkg) {
			t.Fatalf("layers.txt goes round in a circle: %s", strings.Join(append(road, pkg), " -> "))
		}
		if done[pkg] {
			return
		}
		for to := range l {
			if to != pkg && l.allows(pkg, to, false) && !slices.Contains(free, to) {
				walk(to, append(slices.Clone(road), pkg))
			}
		}
		done[pkg] = true
	}
	for pkg := range l {
		walk(pkg, nil)
	}
}

// Planted mistakes: the checks above are worth what they find here.
func TestLayers_FindPlantedMistakes(t *testing.T) {
	f := func(plan string, sources map[string]string, want ...string) {
		t.Helper()
		l, banned, err := parseLayers(plan)
		if err != nil {
			t.Fatal(err)
		}
		files := parseTree(t, plant(t, sources))
		got := slices.Concat(l.violations(files), banned.violations(files))
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("violations (-got +want):\n%s", diff)
		}
	}
	const up = `import _ "` + module + `/internal/api"`

	// a package on a low floor climbs up
	f("internal/api:\ninternal/storage:", map[string]string{
		"internal/api/a.go":     "package api",
		"internal/storage/s.go": "package storage\n" + up,
	}, "internal/storage/s.go imports internal/api: if that is right, add it to the line of internal/storage in layers.txt")
	// a file for another system counts too
	f("internal/api:\ninternal/storage:", map[string]string{
		"internal/api/a.go":             "package api",
		"internal/storage/s_windows.go": "package storage\n" + up,
	}, "internal/storage/s_windows.go imports internal/api: if that is right, add it to the line of internal/storage in layers.txt")
	// a package nobody planned
	f("internal/api:", map[string]string{"internal/api/a.go": "package api", "internal/util/u.go": "package util"},
		"package internal/util is not in layers.txt: give it a line on its floor")
	// a plan for a package that is gone, and an arrow to a name with a slip in it
	f("internal/api: internal/sotrage\ninternal/gone:", map[string]string{"internal/api/a.go": "package api"},
		"layers.txt lets internal/api import internal/sotrage, which it does not list",
		"layers.txt lists internal/gone, which has no Go files")
	// helpers for tests are for tests
	f("internal/api:", map[string]string{
		"internal/api/a.go":      "package api\nimport _ \"" + module + "/internal/dbtest\"",
		"internal/api/a_test.go": "package api_test\nimport _ \"" + module + "/internal/dbtest\"",
		"internal/dbtest/d.go":   "package dbtest\n" + up,
	}, "internal/api/a.go imports internal/dbtest: if that is right, add it to the line of internal/api in layers.txt")
	// and so are disks in memory, and one's own children
	f("internal/api:\ninternal/api/part:\ninternal/vfs:\ninternal/vfs/memfs:", map[string]string{
		"internal/api/a.go":         "package api\nimport _ \"" + module + "/internal/vfs/memfs\"",
		"internal/api/a_test.go":    "package api_test\nimport (\n_ \"" + module + "/internal/vfs/memfs\"\n_ \"" + module + "/internal/api/part\"\n)",
		"internal/api/part/p.go":    "package part",
		"internal/vfs/v.go":         "package vfs",
		"internal/vfs/memfs/mem.go": "package memfs",
	}, "internal/api/a.go imports internal/vfs/memfs: if that is right, add it to the line of internal/api in layers.txt")
	// a way round to what must not be reached; what only a test imports is no way
	f("internal/a: internal/b\ninternal/a: !internal/c !internal/d\ninternal/b: internal/c\ninternal/c:\ninternal/d:", map[string]string{
		"internal/a/a.go":      "package a\nimport _ \"" + module + "/internal/b\"",
		"internal/b/b.go":      "package b\nimport _ \"" + module + "/internal/c\"",
		"internal/b/b_test.go": "package b_test",
		"internal/c/c.go":      "package c",
		"internal/c/c_test.go": "package c_test\nimport _ \"" + module + "/internal/dtest\"",
		"internal/dtest/d.go":  "package dtest\nimport _ \"" + module + "/internal/d\"",
		"internal/d/d.go":      "package d",
	}, "internal/a must not reach internal/c, but does: internal/a -> internal/b -> internal/c")
	// children covered by their parent's star, the free packages, and another module in a folder are all right
	f("internal/a: internal/a/*\ninternal/a/b:\ninternal/fault:", map[string]string{
		"internal/a/a.go":     "package a\nimport (\n_ \"" + module + "/internal/a/b\"\n_ \"" + module + "/internal/fault\"\n)",
		"internal/a/b/b.go":   "package b",
		"internal/fault/f.go": "package fault",
		"tools/go.mod":        "module tools",
		"tools/t.go":          "package tools\n" + up,
	})
}

func TestParseLayers_RefusesWhatItCannotRead(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, _, err := parseLayers(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	f("internal/api", `layers.txt line 1: want "package: imports", have "internal/api"`)
	f("# plan\na:\na: b", "layers.txt line 3: a is listed twice")
}

// plant writes a tree of files and returns its folder.
func plant(t *testing.T, sources map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range sources {
		file := path.Join(dir, name)
		if err := os.MkdirAll(path.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
