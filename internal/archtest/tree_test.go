package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// module is the import path of the repository's root.
const module = "github.com/rookerydb/rookery"

// root is the repository, seen from this package.
const root = "../.."

// sourceFile is one Go file of the main module.
type sourceFile struct {
	name   string // path from the root, with "/"
	pkg    string // directory from the root: "internal/storage", "." for the root package
	test   bool   // it is a _test.go file
	syntax *ast.File
	set    *token.FileSet
}

// imports returns the import paths of f.
func (f sourceFile) imports() []string {
	paths := make([]string, len(f.syntax.Imports))
	for i, spec := range f.syntax.Imports {
		paths[i], _ = strconv.Unquote(spec.Path.Value)
	}
	return paths
}

// line returns where pos is, as "file:line".
func (f sourceFile) line(pos token.Pos) string {
	return f.name + ":" + strconv.Itoa(f.set.Position(pos).Line)
}

// parseTree parses every Go file below dir that belongs to its module: folders with a go.mod of their own are other modules.
func parseTree(t *testing.T, dir string) []sourceFile {
	t.Helper()
	var files []sourceFile
	set := token.NewFileSet()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		if entry.IsDir() {
			return skipFolder(name, relative)
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		syntax, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, sourceFile{
			name: relative, pkg: path.Dir(relative), test: strings.HasSuffix(name, "_test.go"), syntax: syntax, set: set,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// skipFolder returns fs.SkipDir for folders that hold no packages of this module.
func skipFolder(name, relative string) error {
	if relative == "." {
		return nil
	}
	base := path.Base(relative)
	if base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	if _, err := fs.Stat(osFS(name), "go.mod"); err == nil {
		return fs.SkipDir
	}
	return nil
}
