package server

import (
	"context"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/memory"
)

// profileOf returns the sizes for the machine, with what an operator has set.
func profileOf(o Options) memory.Profile {
	var limit memory.Limit
	if o.Machine != nil {
		limit = o.Machine.Limit()
	}
	p := memory.ProfileOf(limit.Bytes)
	if o.Config.Memory.LowBytes > 0 {
		p.LowBytes = o.Config.Memory.LowBytes
	}
	return p
}

// keepMemory looks at memory until ctx ends: it publishes how things stand, logs what changes, and gives memory back.
func (s *Server) keepMemory(ctx context.Context) {
	k := memoryKeeper{
		server: s, watch: memory.NewWatch(s.profile.LowBytes), giveBack: memory.NewGiveBack(s.config.Memory.IdleFor),
	}
	clock := time.NewTicker(min(memoryLookEvery, s.config.Memory.IdleFor/4))
	defer clock.Stop()
	for {
		k.look(s.now())
		select {
		case <-clock.C:
		case <-ctx.Done():
			return
		}
	}
}

// memoryKeeper is the state of the loop above.
type memoryKeeper struct {
	server    *Server
	watch     *memory.Watch
	giveBack  *memory.GiveBack
	addresses memory.AddressWatch
	givenBack uint64
}

// look takes one reading of everything and acts on it.
func (k *memoryKeeper) look(now time.Time) {
	if k.giveBack.Step(memory.AllocatedBytes(), now) {
		k.give()
	}
	before := k.watch.Status().Severity
	if available, ok := k.server.machine.AvailableBytes(); ok && k.watch.Step(available, now) {
		k.changed(before, k.watch.Status())
	}
	if space := memory.ReadAddressSpace(os.DirFS("/")); k.addresses.Step(space) {
		k.server.log.Warn("address space nearly used up", "used_bytes", space.UsedBytes, "limit_bytes", space.LimitBytes)
	}
	status := k.watch.Status()
	status.GivenBack, status.AddressWarning = k.givenBack, k.addresses.Warned()
	k.server.memory.Publish(status)
}

// changed says how severe the lack of memory is now, and gives up what can be given up when it is worse than before.
func (k *memoryKeeper) changed(before memory.Severity, s memory.Status) {
	if s.Severity == memory.Normal {
		k.server.log.Warn("memory is no longer low", "available_bytes", s.AvailableBytes)
		return
	}
	k.server.log.Warn("memory is low", "severity", s.Severity.String(), "available_bytes", s.AvailableBytes, "low_bytes", s.LowBytes)
	if s.Severity > before {
		k.give()
		k.giveBack.Ahead()
	}
}

// give returns to the system what databases keep for later and what the heap does not use.
func (k *memoryKeeper) give() {
	for _, db := range k.server.openDatabases() {
		db.Trim()
	}
	debug.FreeOSMemory()
	k.givenBack++
}

// openDatabases returns the databases that are open at the moment.
func (s *Server) openDatabases() []*database.DB {
	var open []*database.DB
	for name, u := range s.directory.Load().units {
		if name != cluster.Key(u.record.Name) { // each unit may stand there twice
			continue
		}
		select {
		case <-u.settled:
			if u.db != nil {
				open = append(open, u.db)
			}
		default:
		}
	}
	return open
}

// MemoryStatus returns what is known of memory by the last look at it.
func (s *Server) MemoryStatus() memory.Status { return s.memory.Status() }

// MemoryLimit returns how much memory the server plans with.
func (s *Server) MemoryLimit() memory.Limit {
	if s.machine == nil {
		return memory.Limit{}
	}
	return s.machine.Limit()
}

// MemoryProfile returns the sizes that follow from the limit.
func (s *Server) MemoryProfile() memory.Profile { return s.profile }

// MemoryReport tells where the memory of this process is. It takes some milliseconds.
func (s *Server) MemoryReport() memory.Report {
	return memory.ReportNow(os.DirFS("/"), absolute(s.config.DataDir), s.decrypted.Stats().Bytes)
}

// DatabaseMemory is what one open database holds in memory.
type DatabaseMemory struct {
	Name           string
	HeldBytes      int64 // all page versions
	UnflushedBytes int64 // those that the data file does not have
}

// DatabaseMemory returns what each open database holds, in no order.
func (s *Server) DatabaseMemory() []DatabaseMemory {
	var list []DatabaseMemory
	for _, db := range s.openDatabases() {
		stats := db.StorageStats()
		list = append(list, DatabaseMemory{Name: db.Name(), HeldBytes: stats.HeldBytes, UnflushedBytes: stats.UnflushedBytes})
	}
	return list
}

// absolute returns dir as the system's list of mappings shows files in it.
func absolute(dir string) string {
	if full, err := filepath.Abs(dir); err == nil {
		dir = full
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return dir
}
