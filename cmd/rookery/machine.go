package main

import (
	"log/slog"
	"os"

	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/memory"
)

// lookAtMachine finds out how much memory this process may use, and tells the garbage collector to stay within it, unless an
// operator has said otherwise.
func lookAtMachine(cfg config.Config, log *slog.Logger) *memory.Machine {
	machine := memory.Look(os.DirFS("/")).Within(cfg.Memory.LimitBytes)
	var collector int64
	if os.Getenv("GOMEMLIMIT") == "" {
		collector = memory.LimitCollector(machine.Limit())
	}
	log.Info("memory limit", "limit_bytes", machine.Limit().Bytes, "source", machine.Limit().Source.String(), "collector_bytes", collector)
	return &machine
}
