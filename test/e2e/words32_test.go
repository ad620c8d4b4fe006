package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// build32 compiles the binary for a 32-bit processor that this machine can stand in for.
func build32(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skipf("a program for 386 does not run on %s/%s for sure", runtime.GOOS, runtime.GOARCH)
	}
	bin := filepath.Join(t.TempDir(), "rookery")
	build := exec.Command("go", "build", "-o", bin, "github.com/rookerydb/rookery/cmd/rookery")
	build.Env = append(os.Environ(), "GOARCH=386", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build for 386: %v\n%s", err, out)
	}
	if out, err := exec.Command(bin, "version").CombinedOutput(); err != nil {
		t.Skipf("this kernel runs no 32-bit programs: %v %s", err, out)
	}
	return bin
}

// The 32-bit binary stores, answers, and keeps what it acknowledged when it is killed; and what it wrote is what the binary of this
// machine reads, and the other way round.
func TestServer_WorksAs32BitProgram(t *testing.T) {
	narrow := build32(t)
	dir := t.TempDir()
	start32 := func() *server { return startCommand(t, exec.Command(narrow, serveArgs(dir)...)) }
	s := start32()
	s.createDatabase(t, "Peak")
	s.putBatch(t, 0, 0, 300)
	s.must(t, "PUT", "/databases/Peak/docs?id=users/1", `{"V":"Ada","@metadata":{"@collection":"Users"}}`)
	wantWords32(t, s, 301)
	s.kill()
	s = start32()
	wantWords32(t, s, 301)
	s.kill()

	s = startServer(t, dir)
	wantWords32(t, s, 301)
	s.putBatch(t, 1, 0, 300)
	s.kill()
	s = start32()
	wantWords32(t, s, 601)
	if code := s.terminate(t); code != 0 {
		t.Errorf("exit code after an interrupt: got %d, want 0\n%s", code, s.text())
	}
	if out, err := exec.Command(narrow, "check", dir).CombinedOutput(); err != nil {
		t.Errorf("check by the 32-bit program: %v\n%s", err, out)
	}
}

// wantWords32 looks for the user by id and by a query, and counts all documents.
func wantWords32(t *testing.T, s *server, count int) {
	t.Helper()
	if got, _ := loadFrom(t, s, "Peak", "users/1"); got != "Ada" {
		t.Errorf("users/1: got %q", got)
	}
	rows := s.must(t, "POST", "/databases/Peak/queries", `{"Query":"from Users"}`)
	if !strings.Contains(string(rows.body), `"V":"Ada"`) {
		t.Errorf("query: %s", rows.body)
	}
	stats := string(s.must(t, "GET", "/databases/Peak/stats", "").body)
	if want := fmt.Sprintf(`"CountOfDocuments":%d,`, count); !strings.Contains(stats, want) {
		t.Errorf("statistics do not say %s: %s", want, stats)
	}
}
