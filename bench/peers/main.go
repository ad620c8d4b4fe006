// Command peers runs the workloads of rookery-bench on other engines and servers, and all of them in turn.
//
//	peers engine  -subject bbolt|pebble|limit [-short] [-json] [-dir DIR] [-only names] [-rounds N]
//	peers serve   [any flags]     a bare net/http server, started by "rookery-bench http -subject nethttp -bin peers"
//	peers compare -bench bin/rookery-bench -rookery bin/rookery [-rounds N] [-only names] [-json] [-dir DIR]
//
// It is a module of its own, so that the peers are no dependencies of the product.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/rookerydb/rookery/bench/workload"
)

// engines are the storage engines to compare with, by subject.
var engines = []struct {
	subject string
	open    func(dir string) (workload.Engine, error)
}{
	{"bbolt", openBbolt},
	{"pebble", openPebble},
	{"limit", openLimit},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to do: engine, serve or compare")
	}
	switch args[0] {
	case "engine":
		return runEngine(args[1:])
	case "serve":
		return serve()
	case "compare":
		return compare(args[1:])
	}
	return fmt.Errorf("there is no %q; there are engine, serve and compare", args[0])
}

func runEngine(args []string) error {
	flags := flag.NewFlagSet("peers engine", flag.ExitOnError)
	config := workload.Flags(flags)
	subject := flags.String("subject", "bbolt", "engine to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var subjects []string
	for _, e := range engines {
		if e.subject == *subject {
			list, err := workload.RunEngine(config, e.subject, e.open)
			if err != nil {
				return err
			}
			return workload.Print(os.Stdout, list, config.JSON)
		}
		subjects = append(subjects, e.subject)
	}
	slices.Sort(subjects)
	return fmt.Errorf("-subject %q: there are %s", *subject, strings.Join(subjects, ", "))
}
