// Command rookery-bench measures the storage engine, or a server over HTTP, with fixed and seeded workloads.
//
//	rookery-bench engine [-encrypted] [-nomapping] [-short] [-json] [-dir DIR] [-only names] [-rounds N]
//	rookery-bench http   [the same] (-url http://host:port | -bin path/to/rookery)
//
// The workloads are those of package bench/workload, which bench/peers runs on other engines and servers; "make bench-peers"
// runs all of them in turn. Figures go to standard output, everything else to standard error.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/rookerydb/rookery/bench/workload"
)

const usage = `usage: rookery-bench engine [flags]   measure the storage engine in this process
       rookery-bench http [flags]     measure a server over HTTP

Add -h after the word for its flags.
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rookery-bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	switch args[0] {
	case "engine":
		return runEngine(args[1:])
	case "http":
		return runHTTP(args[1:])
	}
	return fmt.Errorf("no measurement is called %q; there are engine and http", args[0])
}

func runEngine(args []string) error {
	flags := flag.NewFlagSet("rookery-bench engine", flag.ExitOnError)
	config := workload.Flags(flags)
	profile := flags.String("cpuprofile", "", "file for a profile of the processor's time, for go tool pprof")
	var kind engineKind
	flags.BoolVar(&kind.encrypted, "encrypted", false, "measure an encrypted environment")
	flags.BoolVar(&kind.unmapped, "nomapping", false, "measure an environment that reads pages into memory, as 32-bit programs do")
	if err := flags.Parse(args); err != nil {
		return err
	}
	stop, err := startProfile(*profile)
	if err != nil {
		return err
	}
	list, err := workload.RunEngine(config, kind.subject(), kind.open)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	return workload.Print(os.Stdout, list, config.JSON)
}

func runHTTP(args []string) error {
	flags := flag.NewFlagSet("rookery-bench http", flag.ExitOnError)
	config := workload.Flags(flags)
	var server workload.Server
	flags.StringVar(&server.URL, "url", "", "address of a running server")
	flags.StringVar(&server.Bin, "bin", "", "server program to start for each round, with its data below -dir")
	subject := flags.String("subject", "rookery", "what the server is called in the figures")
	if err := flags.Parse(args); err != nil {
		return err
	}
	list, err := workload.RunHTTP(config, *subject, server)
	if err != nil {
		return err
	}
	return workload.Print(os.Stdout, list, config.JSON)
}
