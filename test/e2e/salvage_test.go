package e2e_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// salvaged reads an export file: the documents by id, as they are written there.
func salvaged(t *testing.T, name string) map[string]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var dump struct{ Docs []json.RawMessage }
	if err := json.NewDecoder(zip).Decode(&dump); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	found := map[string]string{}
	for _, doc := range dump.Docs {
		var head struct {
			Metadata struct {
				ID string `json:"@id"`
			} `json:"@metadata"`
		}
		if err := json.Unmarshal(doc, &head); err != nil {
			t.Fatal(err)
		}
		found[head.Metadata.ID] = string(doc)
	}
	return found
}

// wreckedServer fills a database, kills the server, and returns what it answered for each document.
func wreckedServer(t *testing.T, dir string) map[string]string {
	t.Helper()
	s := startServer(t, dir)
	s.createDatabase(t, "Wreck")
	want := map[string]string{}
	for i := range 300 {
		id, size := fmt.Sprintf("docs/%d", i), 40
		if i%50 == 7 {
			size = 30_000 // several pages
		}
		s.must(t, "PUT", "/databases/Wreck/docs?id="+id, fmt.Sprintf(`{"N":%d,"Text":%q,"@metadata":{"@collection":"Docs"}}`, i, strings.Repeat("salvage ", size)))
		if i%10 == 3 {
			s.must(t, "DELETE", "/databases/Wreck/docs?id="+id, "")
			continue
		}
		var got struct{ Results []json.RawMessage }
		s.must(t, "GET", "/databases/Wreck/docs?id="+id, "").decode(t, &got)
		want[id] = string(got.Results[0])
	}
	code, out := runToEnd(t, "salvage", filepath.Join(dir, "Databases", "wreck"), filepath.Join(t.TempDir(), "busy"))
	if code != 2 || !strings.Contains(out, "a server has") {
		t.Errorf("salvage of a database in use: got exit code %d\n%s", code, out)
	}
	s.kill()
	return want
}

// What a killed server had acknowledged comes out when headers are destroyed, and all that lies on sound pages when pages are.
func TestSalvage_GetsDocumentsOutOfAWreck(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	want := wreckedServer(t, dir)
	env := filepath.Join(dir, "Databases", "wreck")

	f := func(what string, args []string, found string, wantCode, lost int) {
		t.Helper()
		cmd := command(t, append([]string{"salvage"}, args...)...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != wantCode || stdout.Len() > 0 || !strings.Contains(stderr.String(), "documents written") {
			t.Fatalf("%s: got exit code %d, %q on standard output\n%s", what, code, stdout.String(), stderr.String())
		}
		docs := salvaged(t, filepath.Join(found, "documents.ravendbdump"))
		for id, text := range docs {
			if text != want[id] {
				t.Errorf("%s: %s is %.200s, the server had %.200s", what, id, text, want[id])
			}
		}
		if missing := len(want) - len(docs); missing < 0 || missing > lost {
			t.Errorf("%s: %d of %d documents are missing, at most %d lay on what was destroyed", what, missing, len(want), lost)
		}
	}
	one := filepath.Join(out, "one")
	f("what the crash left", []string{env, one}, one, 0, 0)
	if code, text := runToEnd(t, "salvage", env, one); code != 2 || !strings.Contains(text, "--force") {
		t.Errorf("into a directory with files: got exit code %d\n%s", code, text)
	}
	for _, name := range []string{"header.one", "header.two"} {
		if err := os.WriteFile(filepath.Join(env, name), []byte("garbage"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, _ := runToEnd(t, "check", dir); code == 0 {
		t.Error("the database opens: nothing is destroyed")
	}
	f("without headers", []string{"--force", env, one}, one, 1, 0)
	destroyPages(t, filepath.Join(env, "data"))
	all := filepath.Join(out, "all") // by the server's data directory, as whoever does not know its insides would
	f("with pages destroyed", []string{dir, all}, filepath.Join(all, "Databases", "wreck"), 1, 250)
}

// destroyPages overwrites every fifth page.
func destroyPages(t *testing.T, name string) {
	t.Helper()
	const pageBytes = 8192
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(b); at += 5 * pageBytes {
		copy(b[at:min(at+pageBytes, len(b))], bytes.Repeat([]byte("destroyed "), pageBytes/10))
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSalvage_RefusesWhatItCannotDo(t *testing.T) {
	f := func(word string, args ...string) {
		t.Helper()
		if code, out := runToEnd(t, append([]string{"salvage"}, args...)...); code != 2 || !strings.Contains(out, word) {
			t.Errorf("%s: got exit code %d, want 2 and a word about %q\n%s", args, code, word, out)
		}
	}
	dir := t.TempDir()
	f("holds nothing", dir, filepath.Join(dir, "out"))
	f("no such file", filepath.Join(dir, "nowhere"), filepath.Join(dir, "out"))
	f("accepts 2 arg", dir)
	f("unknown flag", "--no-such-flag", dir, dir)
	f("base64", "--key-file=-", dir, filepath.Join(dir, "out"))
}
