package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// version is set at build time by -ldflags "-X main.version=…".
var version = "dev"

// Exit codes: scripts may tell a bad call (2) from a failure (1).
const (
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	makeRoomForWrites()
	root := newRootCommand()
	root.SetArgs(withServe(os.Args[1:]))
	if err := root.ExecuteContext(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "rookery:", err)
		os.Exit(exitCode(err))
	}
}

// exitCode is what the process ends with. An error that knows a code of its own has ExitCode.
func exitCode(err error) int {
	var own interface {
		error
		ExitCode() int
	}
	switch {
	case errors.As(err, &own):
		return own.ExitCode()
	case isUsage(err):
		return exitUsage
	}
	return exitFailure
}

// withServe lets settings without a command mean "serve": client test drivers start the binary with settings alone.
func withServe(args []string) []string {
	if len(args) == 0 || !strings.HasPrefix(args[0], "-") {
		return args
	}
	switch args[0] {
	case "-h", "--help", "-v", "--version":
		return args
	}
	return append([]string{"serve"}, args...)
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "rookery",
		Short:         "A distributed, ACID, JSON document database",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(
		newServeCommand(), newDemoCommand(),
		newCheckCommand(), newInspectCommand(), newCompactCommand(), newSalvageCommand(), newKeyCommand(),
		newVersionCommand(), newHealthcheckCommand(),
	)
	return root
}
