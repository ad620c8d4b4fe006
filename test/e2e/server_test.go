package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	startTime = 15 * time.Second // far more than a start takes, even beside other tests
	stopTime  = 20 * time.Second
)

// rookeryBinary returns the program under test, building it once when ROOKERY_BIN does not name one.
var rookeryBinary = sync.OnceValues(func() (string, error) {
	if named := os.Getenv("ROOKERY_BIN"); named != "" {
		return filepath.Abs(named)
	}
	dir, err := os.MkdirTemp("", "rookery-e2e-bin-")
	if err != nil {
		return "", err
	}
	built := filepath.Join(dir, "rookery")
	out, err := exec.Command("go", "build", "-o", built, "github.com/rookerydb/rookery/cmd/rookery").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return built, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("ROOKERY_BIN") == "" {
		if built, err := rookeryBinary(); err == nil {
			os.RemoveAll(filepath.Dir(built))
		}
	}
	os.Exit(code)
}

// command prepares the binary with args.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	bin, err := rookeryBinary()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(bin, args...)
}

// runToEnd runs the binary and returns its exit code and all it printed.
func runToEnd(t *testing.T, args ...string) (int, string) {
	t.Helper()
	cmd := command(t, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(startTime, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode(), out.String()
}

// server is a running binary.
type server struct {
	url string
	cmd *exec.Cmd

	mu     sync.Mutex // guards output
	output bytes.Buffer

	ended chan struct{} // closed when the process is gone
}

// serveArgs are what every server here is started with.
func serveArgs(dir string) []string {
	return []string{
		"serve", "--ServerUrl=http://127.0.0.1:0", "--DataDir=" + dir, "--Setup.Mode=None", "--License.Eula.Accepted=true", "--Logs.Mode=None",
	}
}

// startServer starts the binary on dir and waits for its address. It is killed when the test ends.
func startServer(t *testing.T, dir string, more ...string) *server {
	t.Helper()
	return startCommand(t, command(t, append(serveArgs(dir), more...)...))
}

// startCommand is startServer for a command that is prepared already.
func startCommand(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := launch(t, cmd)
	if s.url == "" {
		t.Fatalf("the server ended with %d before it said its address:\n%s", s.cmd.ProcessState.ExitCode(), s.text())
	}
	return s
}

// launch starts cmd and waits until it says its address, or ends: then url is empty. It is killed when the test ends.
func launch(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{cmd: cmd, ended: make(chan struct{})}
	s.cmd.Stderr = s
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Fprintln(s, lines.Text())
			if url, ok := strings.CutPrefix(lines.Text(), "Server available on: "); ok {
				address <- url
			}
		}
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(s.kill)
	select {
	case s.url = <-address:
	case <-s.ended:
	case <-time.After(startTime):
		t.Fatalf("the server did not say its address:\n%s", s.text())
	}
	return s
}

func (s *server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.Write(p)
}

// text returns all that the server printed so far.
func (s *server) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// kill ends the process at once, as a crash does.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// terminate asks the server to end and returns its exit code.
func (s *server) terminate(t *testing.T) int {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(stopTime):
		t.Fatalf("the server did not end:\n%s", s.text())
	}
	return s.cmd.ProcessState.ExitCode()
}

// answer is what came back for a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// decode reads the body as JSON into to.
func (a answer) decode(t *testing.T, to any) {
	t.Helper()
	if err := json.Unmarshal(a.body, to); err != nil {
		t.Fatalf("answer %d is not the JSON expected: %v\n%s", a.status, err, a.body)
	}
}

// request sends one request. The error is that of the connection: a status is no error here.
func (s *server) request(ctx context.Context, method, path, body string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, text}, err
}

// must sends one request and fails the test unless its answer is a success.
func (s *server) must(t *testing.T, method, path, body string) answer {
	t.Helper()
	a, err := s.request(t.Context(), method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", method, path, err, s.text())
	}
	if a.status/100 != 2 {
		t.Fatalf("%s %s: status %d: %s", method, path, a.status, a.body)
	}
	return a
}

// createDatabase makes a database.
func (s *server) createDatabase(t *testing.T, name string) {
	t.Helper()
	s.must(t, "PUT", "/admin/databases?name="+name+"&replicationFactor=1", fmt.Sprintf(`{"DatabaseName":%q}`, name))
}
