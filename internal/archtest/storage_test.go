package archtest_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// replayable are the packages whose every run a test must be able to repeat: they get files, time and chance from outside.
var replayable = []string{
	"internal/storage", "internal/table", "internal/docstore", "internal/jsondoc", "internal/changevector", "internal/sortkey",
	"internal/rql", "internal/query", "internal/salvage", "internal/vfs/memfs", "internal/vfs/errorfs",
}

// outsideModules are the only modules beyond the standard library that storage floors use.
var outsideModules = []string{"golang.org/x/sys", "golang.org/x/crypto", "github.com/klauspost/compress", "github.com/zeebo/xxh3"}

// within says whether pkg is one of roots or lies below one.
func within(pkg string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") })
}

// wallClock are the functions of package time that read the clock or wait for it.
var wallClock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}

// seededChance are the names of math/rand/v2 that do not draw from the source that all goroutines share.
var seededChance = []string{
	"Rand", "New", "Source", "PCG", "NewPCG", "ChaCha8", "NewChaCha8", "Zipf", "NewZipf",
}

// strayCalls returns one sentence for each place where a replayable package reaches for the world by itself.
//
// Background flush and sync are driven by time, so a timer is the one thing of package time that storage itself may make.
func strayCalls(files []sourceFile) []string {
	var found []string
	for _, f := range files {
		if f.test || isTestPackage(f.pkg) || !within(f.pkg, replayable) {
			continue
		}
		found = append(found, strayImports(f)...)
		names := importNames(f)
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := selector.X.(*ast.Ident)
			if !ok {
				return true
			}
			if mend := mendCall(f.pkg, names[pkg.Name], selector.Sel.Name); mend != "" {
				found = append(found, fmt.Sprintf("%s: %s.%s: %s", f.line(n.Pos()), pkg.Name, selector.Sel.Name, mend))
			}
			return true
		})
	}
	slices.Sort(found)
	return found
}

// strayImports checks what f imports as a whole.
func strayImports(f sourceFile) []string {
	var found []string
	for _, imported := range f.imports() {
		switch {
		case slices.Contains([]string{"os", "io/ioutil", "os/exec", "os/signal"}, imported):
			found = append(found, fmt.Sprintf("%s imports %s: go through vfs, so that a test can pull the plug", f.name, imported))
		case imported == "math/rand", imported == "crypto/rand":
			found = append(found, fmt.Sprintf("%s imports %s: take a *rand.Rand of math/rand/v2 from the caller", f.name, imported))
		case imported == "net" || strings.HasPrefix(imported, "net/"):
			found = append(found, fmt.Sprintf("%s imports %s: these floors know no network", f.name, imported))
		case within(f.pkg, []string{"internal/storage", "internal/table", "internal/sortkey"}) && isOutside(imported):
			found = append(found, fmt.Sprintf("%s imports %s: storage floors use the standard library and %s", f.name, imported, strings.Join(outsideModules, ", ")))
		}
	}
	return found
}

// isOutside says whether imported is of another module than ours, and not of outsideModules.
func isOutside(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	_, ours := withinModule(imported)
	return strings.Contains(first, ".") && !ours && !within(imported, outsideModules)
}

// mendCall says what to do instead of pkg.name in a file of package from, or "" when it is all right.
func mendCall(from, pkg, name string) string {
	timers := []string{"AfterFunc", "NewTicker", "NewTimer"}
	switch {
	case pkg == "time" && within(from, []string{"internal/storage"}) && slices.Contains(timers, name):
		return ""
	case pkg == "time" && slices.Contains(wallClock, name):
		return "take the time from the clock in Options"
	case pkg == "math/rand/v2" && !slices.Contains(seededChance, name):
		return "draw from a *rand.Rand that the caller seeded"
	}
	return ""
}

// importNames maps the name by which f calls a package to its path.
func importNames(f sourceFile) map[string]string {
	names := map[string]string{}
	for _, spec := range f.syntax.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		name := imported[strings.LastIndex(imported, "/")+1:]
		if imported == "math/rand/v2" {
			name = "rand"
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	return names
}

func TestStorage_TakesFilesTimeAndChanceFromOutside(t *testing.T) {
	for _, v := range strayCalls(parseTree(t, root)) {
		t.Error(v)
	}
}

func TestStorage_FindPlantedMistakes(t *testing.T) {
	f := func(name, source string, want ...string) {
		t.Helper()
		got := strayCalls(parseTree(t, plant(t, map[string]string{name: source})))
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
	const sources = "package storage\nimport (\n\"math/rand/v2\"\n\"os\"\nclock \"time\"\n)\nvar a = clock.Now()\nvar b = rand.IntN(3)\n" +
		"var c = rand.New(rand.NewPCG(1, 2))\nvar d = os.Args\nvar e clock.Duration = clock.Second\n"
	f("internal/storage/journal/j.go", sources,
		"internal/storage/journal/j.go imports os: go through vfs, so that a test can pull the plug",
		"internal/storage/journal/j.go:7: clock.Now: take the time from the clock in Options",
		"internal/storage/journal/j.go:8: rand.IntN: draw from a *rand.Rand that the caller seeded")
	// tests, their helpers and the real file system may
	f("internal/storage/journal/j_test.go", sources)
	f("internal/storage/storagetest/s.go", sources)
	f("internal/vfs/real.go", sources)
	// a function value is as much a stray as a call
	f("internal/docstore/d.go", "package docstore\nimport \"time\"\nvar now = time.Now\n",
		"internal/docstore/d.go:3: time.Now: take the time from the clock in Options")
	// only the background loops of storage make timers
	f("internal/storage/loop.go", "package storage\nimport \"time\"\nvar t = time.NewTimer(time.Second)\n")
	f("internal/table/loop.go", "package table\nimport \"time\"\nvar t = time.NewTimer(time.Second)\n",
		"internal/table/loop.go:3: time.NewTimer: take the time from the clock in Options")
	// outside modules
	f("internal/storage/z.go", "package storage\nimport (\n_ \"github.com/klauspost/compress/s2\"\n_ \"go.etcd.io/bbolt\"\n)\n",
		"internal/storage/z.go imports go.etcd.io/bbolt: storage floors use the standard library and "+strings.Join(outsideModules, ", "))
}
