package config

import "time"

// Memory are the settings of the process's memory. LimitBytes and LowBytes are zero when they are to be found out.
type Memory struct {
	LimitBytes int64
	LowBytes   int64
	IdleFor    time.Duration // before memory is given back
}

func memorySettings() []Setting {
	return []Setting{
		{
			Key: "Memory.LimitInMb", Type: Int, Unit: Mebibytes, Min: 16, Max: 1 << 24,
			Doc: "Memory that the server plans with. Unset: what cgroups and the machine allow. Caches and bounds follow it; the garbage collector stays " +
				"within 85 % of it, unless `GOMEMLIMIT` says otherwise.",
			store: func(c *Config, v value) { c.Memory.LimitBytes = v.scaled },
		},
		{
			Key: "Memory.LowMemoryLimitInMb", Type: Int, Unit: Mebibytes, Min: 1, Max: 1 << 24,
			Doc:   "Available memory below which memory counts as low: caches are given up, and the log says so. Unset: a tenth of the limit, at most 2048.",
			store: func(c *Config, v value) { c.Memory.LowBytes = v.scaled },
		},
		{
			Key: "Memory.GiveBackAfterIdleInSec", Type: Int, Unit: Seconds, Default: "15", Min: 1, Max: 86_400,
			Doc:   "Idle time after load before unused memory is given back to the system. Shorter costs a collection after every pause.",
			store: func(c *Config, v value) { c.Memory.IdleFor = v.duration() },
		},
		{
			Key: "Memory.LowMemoryCommitLimitInMb", Type: Int, Unit: Mebibytes, Default: "512", Min: 0, Max: 1 << 24,
			Doc: "Address space that the system must still promise. Nothing here depends on promises.", Effect: Harmless,
		},
		{
			Key: "Memory.MinimumFreeCommittedMemoryPercentage", Type: Text, Default: "0.05",
			Doc: "As above, as a share.", Effect: Harmless,
		},
		{
			Key: "Memory.MaxFreeCommittedMemoryToKeepInMb", Type: Int, Unit: Mebibytes, Default: "128", Min: 0, Max: 1 << 24,
			Doc: "Unused memory that is kept. All of it is given back when the server is idle.", Effect: Harmless,
		},
	}
}
