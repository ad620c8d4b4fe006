package workload

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	startTime = 30 * time.Second // how long a server may take until it says its address
	stopTime  = 20 * time.Second // how long it may take to end
)

// process is a server that we started.
type process struct {
	cmd  *exec.Cmd
	url  string
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read after done
}

// startServer starts s.Bin with its data in dir and waits for its address.
func startServer(s Server, dir string) (*process, error) {
	args := append([]string{"serve"}, s.Args...)
	args = append(args, "--ServerUrl=http://127.0.0.1:0", "--DataDir="+dir, "--Setup.Mode=None", "--License.Eula.Accepted=true", "--Logs.Mode=None")
	p := &process{cmd: exec.Command(s.Bin, args...), done: make(chan struct{})}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Bin, err)
	}
	address := make(chan string, 1)
	go func() { // ends when the server closes its output, which is at its end at the latest
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if url, ok := strings.CutPrefix(lines.Text(), "Server available on: "); ok {
				select {
				case address <- url:
				default: // said before
				}
			}
		}
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	select {
	case p.url = <-address:
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("%s ended before it said its address: %w", s.Bin, p.err)
	case <-time.After(startTime):
		p.stop()
		return nil, errors.New("the server did not say its address")
	}
}

// stop ends the server, by force if it does not go.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopTime):
		fmt.Fprintln(os.Stderr, "the server did not end on SIGTERM and is killed")
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}
