package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/fault"
)

// parentPollEvery is how often a node started by a test driver looks whether the driver still lives.
const parentPollEvery = 500 * time.Millisecond

func newServeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve [--Key=Value]…",
		Short: "Run a node",
		Long: `Run a node until it is told to stop (SIGTERM, SIGINT, or "shutdown" on standard input).

Settings come from the environment (ROOKERY_…), a file (--config-path FILE) and the command line; the later one wins.
docs/settings.md lists them. The commonest:

  --ServerUrl=http://127.0.0.1:8080   where to listen; port 0 takes a free one
  --DataDir=DIR                       where the data is
  --RunInMemory=true                  keep nothing on disk`,
		Example:            "  rookery serve --DataDir=./data --ServerUrl=http://127.0.0.1:8080",
		DisableFlagParsing: true, // settings are not flags: config reads them
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, arg := range args {
				if arg == "-h" || arg == "--help" {
					return cmd.Help()
				}
			}
			return serve(cmd, args)
		},
	}
}

// serve runs a node until one of the ways to stop it is used.
func serve(cmd *cobra.Command, args []string) error {
	cfg, warnings, err := config.Parse(args, os.Environ(), os.ReadFile)
	if err != nil {
		return err
	}
	log := newLogger(cmd.ErrOrStderr(), cfg.Logs.Mode.String())
	for _, w := range warnings {
		log.Warn("setting", "warning", w.String())
	}
	// Whoever reads the address may use any of the ways to stop at once, so they are watched before it is printed.
	stopper := newStopper(cfg, cmd.InOrStdin())
	defer stopper.release()
	n, err := startNode(cfg, log)
	if err != nil {
		return err
	}
	// One write for the whole line: test drivers read what has come so far.
	fmt.Fprint(cmd.OutOrStdout(), "Server available on: "+n.url+"\n")
	reason, err := stopper.wait(n)
	if err != nil {
		return errors.Join(err, n.server.Close())
	}
	log.Info("stopping", "reason", reason)
	return n.stop()
}

// stopper watches for the wishes to stop a node.
type stopper struct {
	signals chan os.Signal // capacity 1: one wish is enough
	asked   <-chan struct{}
	parent  int // process to live as long as; 0 for none
}

func newStopper(cfg config.Config, stdin io.Reader) *stopper {
	s := &stopper{signals: make(chan os.Signal, 1), asked: watchStdin(stdin), parent: cfg.ParentProcessID}
	signal.Notify(s.signals, os.Interrupt, syscall.SIGTERM)
	return s
}

// release gives the signals back to their usual effect.
func (s *stopper) release() { signal.Stop(s.signals) }

// wait blocks until somebody asks the node to stop, and says who. An error means that serving itself failed.
func (s *stopper) wait(n *node) (reason string, err error) {
	var poll <-chan time.Time
	if s.parent > 0 {
		ticker := time.NewTicker(parentPollEvery)
		defer ticker.Stop()
		poll = ticker.C
	}
	for {
		select {
		case sig := <-s.signals:
			return sig.String(), nil
		case <-s.asked:
			return "standard input", nil
		case err := <-n.served:
			return "", fmt.Errorf("serve %s: %w", n.url, err)
		case <-poll:
			if !processExists(s.parent) {
				return "parent process is gone", nil
			}
		}
	}
}

// watchStdin reports when standard input holds the word shutdown. Test drivers send it without a line end, so what has come
// is looked at after each read. The end of the input means nothing: it is closed when a node runs in the background.
func watchStdin(r io.Reader) <-chan struct{} {
	asked := make(chan struct{})
	go func() {
		const word = "shutdown"
		var seen string
		buf := make([]byte, 256)
		for {
			n, err := r.Read(buf)
			seen += string(buf[:n])
			if strings.Contains(strings.ToLower(seen), word) {
				close(asked)
				return
			}
			seen = seen[max(0, len(seen)-len(word)):]
			if err != nil {
				return
			}
		}
	}()
	return asked
}

// isUsage tells a mistake in the call from a failure of the work.
func isUsage(err error) bool { return fault.Of(err) == fault.Invalid }
