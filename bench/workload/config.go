package workload

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// Config is what one run is asked to do.
type Config struct {
	Dir    string   // folder on the disk to measure; data goes into a new folder in it, removed afterwards
	Short  bool     // a smoke test: seconds instead of minutes; its figures say little
	JSON   bool     // one object a line on standard output instead of a table
	Only   []string // names of workloads; empty means all
	Rounds int      // how often each workload is measured; 0 means 3, or 1 with Short
}

// Flags declares the flags that every benchmark command shares and returns the Config they fill when set is parsed.
func Flags(set *flag.FlagSet) *Config {
	c := &Config{}
	set.StringVar(&c.Dir, "dir", ".", "folder on the disk to measure")
	set.BoolVar(&c.Short, "short", false, "smoke test: seconds instead of minutes")
	set.BoolVar(&c.JSON, "json", false, "print one JSON object a line")
	set.IntVar(&c.Rounds, "rounds", 0, "rounds of each workload (0: 3, or 1 with -short)")
	set.Func("only", "names of workloads, with commas between", func(text string) error {
		c.Only = strings.Split(text, ",")
		return nil
	})
	return c
}

// validate refuses what cannot be meant, and fills defaults. known are the names of the workloads.
func (c *Config) validate(known []string) error {
	for _, name := range c.Only {
		if !slices.Contains(known, name) {
			return fmt.Errorf("-only: no workload is called %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	if c.Rounds == 0 {
		c.Rounds = 3
		if c.Short {
			c.Rounds = 1
		}
	}
	return nil
}

// wants says whether any of names is to be run.
func (c *Config) wants(names ...string) bool {
	return len(c.Only) == 0 || slices.ContainsFunc(names, func(name string) bool { return slices.Contains(c.Only, name) })
}

// wantsOtherThan says whether a workload that is none of names is to be run.
func (c *Config) wantsOtherThan(names ...string) bool {
	return len(c.Only) == 0 || slices.ContainsFunc(c.Only, func(name string) bool { return !slices.Contains(names, name) })
}

// span is how long a workload that is bounded by time is measured, after the warm-up.
func (c *Config) span() time.Duration {
	if c.Short {
		return time.Second
	}
	return 3 * time.Second
}

// warmUp is how long such a workload runs before it is measured.
func (c *Config) warmUp() time.Duration { return c.span() / 5 }

// tempDir makes a folder for data on the disk to measure. It refuses file systems that live in memory: nothing is durable there.
func (c *Config) tempDir() (string, error) {
	kind := fileSystem(c.Dir)
	if kind == "tmpfs" || kind == "ramfs" {
		return "", fmt.Errorf("-dir %s is on %s, where nothing is durable: name a folder on a disk", c.Dir, kind)
	}
	return os.MkdirTemp(c.Dir, "rookery-bench-")
}
