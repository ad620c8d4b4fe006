package config

import (
	"math"
	"slices"
	"strings"
	"time"
)

// settings is the table: every setting this server knows. Start reading here. Those that act come first.
func settings() []Setting {
	return slices.Concat(serverSettings(), storageSettings(), memorySettings(), clusterSettings(), logSettings(),
		encryptionSettings(), securitySettings(), licenceSettings(), acceptedSettings())
}

func serverSettings() []Setting {
	return []Setting{
		{
			Key: "ServerUrl", Type: Endpoints, Default: "http://127.0.0.1:8080",
			Doc:    "Addresses to listen on for HTTP, separated by `;`. Port 0 takes a free port.",
			store:  func(c *Config, v value) { c.ServerURLs = v.endpoints },
			refuse: refuseTLS,
		},
		{
			Key: "ServerUrl.Tcp", Type: Endpoints,
			Doc: "Addresses for TCP connections, separated by `;`. Unset: the host of `ServerUrl` and a free port; a bare number: that port. " +
				"Checked like `ServerUrl`; no service listens there in this version.",
			Effect: Harmless,
			store:  func(c *Config, v value) { c.TCPURLs = v.endpoints },
			refuse: refuseTLS,
		},
		{
			Key: "PublicServerUrl", Type: Endpoints,
			Doc:    "The HTTP address that clients and other nodes are told to use, when it differs from the one listened on.",
			store:  func(c *Config, v value) { c.PublicURL = firstURL(v.endpoints) },
			refuse: refuseTLS,
		},
		{
			Key: "PublicServerUrl.Tcp", Type: Endpoints,
			Doc:    "The TCP address that clients and other nodes are told to use.",
			Effect: Harmless,
			store:  func(c *Config, v value) { c.PublicTCPURL = firstURL(v.endpoints) },
			refuse: refuseTLS,
		},
		{
			Key: "DataDir", Type: Text, Default: "rookery-data",
			Doc:   "Directory of everything that is kept: `System/` and `Databases/<name>/` beneath it.",
			store: func(c *Config, v value) { c.DataDir = v.text },
		},
		{
			Key: "RunInMemory", Type: Bool, Default: "false",
			Doc:   "Keep everything in memory; all is gone when the process ends.",
			store: func(c *Config, v value) { c.RunInMemory = v.flag },
		},
		{
			Key: "Setup.Mode", Type: Choice, Default: "None", Choices: []string{"None", "Initial", "LetsEncrypt", "Secured", "Unsecured"},
			Doc: "How the server is set up. There is no wizard: `None`, `Initial` and `Unsecured` start at once.",
			refuse: func(_ *Config, text string) string {
				if strings.EqualFold(text, "LetsEncrypt") || strings.EqualFold(text, "Secured") {
					return "this version serves no TLS, and would answer everybody in plain text; use Setup.Mode=None on a loopback address"
				}
				return ""
			},
		},
		{
			Key: "Databases.MaxConcurrentLoads", Type: Int, Default: "8", Min: 1, Max: 1024,
			Doc:   "How many databases are opened at the same time while the server starts.",
			store: func(c *Config, v value) { c.ConcurrentLoads = int(v.number) },
		},
		{
			Key: "Testing.ParentProcessId", Type: Int, Default: "0", Min: 0, Max: math.MaxInt32,
			Doc:   "Exit when the process with this id ends. 0: do not watch any process.",
			store: func(c *Config, v value) { c.ParentProcessID = int(v.number) },
		},
	}
}

func storageSettings() []Setting {
	return []Setting{
		{
			Key: "Storage.CompressTxAboveSizeInKb", Type: Int, Unit: Kibibytes, Default: "4", Min: 1, Max: 1 << 20,
			Doc:   "Journal records larger than this are compressed. Higher costs journal volume, lower costs CPU.",
			store: func(c *Config, v value) { c.Storage.CompressAboveBytes = int(v.scaled) },
		},
		{
			Key: "Storage.TimeToSyncAfterFlushInSec", Type: Int, Unit: Seconds, Default: "30", Min: 1, Max: 3600,
			Doc:   "Longest time between writing pages to a data file and syncing it. Longer keeps more journals and makes recovery slower.",
			store: func(c *Config, v value) { c.Storage.SyncEvery = v.duration() },
		},
		{
			Key: "Storage.ForceUsing32BitsPager", Type: Bool, Default: "false",
			Doc:   "Read pages of data files into memory instead of mapping the files, as 32-bit programs must. It saves address space and costs speed.",
			store: func(c *Config, v value) { c.Storage.NoMapping = v.flag },
		},
		{
			Key: "Storage.SlowIoInMs", Type: Int, Unit: Milliseconds, Default: "1000", Min: 1, Max: 3_600_000,
			Doc:   "A write to disk or a sync that takes longer, finished or not, is logged, counted and listed as a performance hint.",
			store: func(c *Config, v value) { c.Storage.SlowIOAfter = v.duration() },
		},
		{
			Key: "Storage.Dangerous.IgnoreInvalidJournalErrors", Type: Bool, Default: "false",
			Doc:   "Open databases whose journals are damaged, losing what comes after the damage.",
			store: func(c *Config, v value) { c.Storage.IgnoreInvalidJournal = v.flag },
		},
	}
}

func clusterSettings() []Setting {
	ms := func(key, fallback, doc string) Setting {
		return Setting{Key: key, Type: Int, Unit: Milliseconds, Default: fallback, Min: 1, Max: 3_600_000, Doc: doc, Effect: Harmless}
	}
	sec := func(key, fallback, doc string) Setting {
		return Setting{Key: key, Type: Int, Unit: Seconds, Default: fallback, Min: 0, Max: 86_400 * 365, Doc: doc, Effect: Harmless}
	}
	return []Setting{
		{
			Key: "Cluster.ElectionTimeoutInMs", Type: Int, Unit: Milliseconds, Default: "300", Min: 10, Max: 600_000,
			Doc:   "Silence of the leader after which an election starts. Must be the same on all nodes; 3000 to 5000 over long distances.",
			store: func(c *Config, v value) { c.Cluster.ElectionTimeout = v.duration() },
		},
		{
			Key: "Cluster.OperationTimeoutInSec", Type: Int, Unit: Seconds, Default: "15", Min: 1, Max: 3600,
			Doc:   "How long a cluster command may take before it is answered with an error.",
			store: func(c *Config, v value) { c.Cluster.OperationTimeout = v.duration() },
		},
		{
			Key: "Cluster.MaxSizeOfSingleRaftCommandInMb", Type: Int, Unit: Mebibytes, Default: "128", Min: 1, Max: 256,
			Doc:   "Cluster commands larger than this are refused.",
			store: func(c *Config, v value) { c.Cluster.CommandBytesMax = int(v.scaled) },
		},
		ms("Cluster.WorkerSamplePeriodInMs", "250", "How often a node reports its databases to the leader."),
		ms("Cluster.SupervisorSamplePeriodInMs", "500", "How often the leader looks at the reports."),
		ms("Cluster.ReceiveFromWorkerTimeoutInMs", "5000", "Silence after which a node is suspect."),
		ms("Cluster.OnErrorDelayTimeInMs", "5000", "Wait before connecting again to a node that failed."),
		ms("Cluster.TcpTimeoutInMs", "15000", "Longest silence on a connection between nodes."),
		sec("Cluster.StatsStabilizationTimeInSec", "5", "Settling time before a changed node is judged."),
		sec("Cluster.TimeBeforeAddingReplicaInSec", "900", "Absence after which another node takes over a copy."),
		sec("Cluster.TimeBeforeMovingToRehabInSec", "60", "Absence after which a member goes to rehab."),
		sec("Cluster.TimeBeforeRotatingPreferredNodeInSec", "5", "Absence after which the preferred member moves to the end."),
		{
			Key: "Cluster.CompareExchangeExpiredDeleteFrequencyInSec", Type: Int, Unit: Seconds, Default: "60", Min: 0, Max: 31_536_000,
			Doc:   "How often expired compare-exchange values are removed; 0 never removes them.",
			store: func(c *Config, v value) { c.Cluster.ExpireValuesEvery = v.duration() },
		},
		{
			Key: "Cluster.CompareExchangeTombstonesCleanupIntervalInMin", Type: Int, Unit: Minutes, Default: "10", Min: 1, Max: 525_600,
			Doc: "How often compare-exchange tombstones are removed.", Effect: Harmless,
		},
		{
			Key: "Cluster.TcpReceiveBufferSizeInBytes", Type: Int, Unit: Bytes, Default: "32768", Min: 1024, Max: 1 << 30,
			Doc: "Receive buffer of connections between nodes.", Effect: Harmless,
		},
		{
			Key: "Cluster.TcpSendBufferSizeInBytes", Type: Int, Unit: Bytes, Default: "32768", Min: 1024, Max: 1 << 30,
			Doc: "Send buffer of connections between nodes.", Effect: Harmless,
		},
		{
			Key: "Cluster.LogHistoryMaxEntries", Type: Int, Default: "2048", Min: 0, Max: math.MaxInt32,
			Doc: "Applied commands kept for diagnosis.", Effect: Inactive,
		},
		{
			Key: "Cluster.MaxChangeVectorDistance", Type: Int, Default: "10000", Min: 1, Max: math.MaxInt64,
			Doc: "A copy further behind than this goes to rehab.", Effect: Harmless,
		},
		{Key: "Cluster.HardDeleteOnReplacement", Type: Bool, Default: "true", Doc: "Erase copies that were replaced.", Effect: Harmless},
		{
			Key: "Cluster.DisableAtomicDocumentWrites", Type: Bool, Default: "false",
			Doc: "Cluster-wide transactions without atomic guards.", Effect: Inactive,
		},
		{Key: "Cluster.MaximalAllowedClusterVersion", Type: Text, Doc: "Highest command version that the cluster may use.", Effect: Inactive},
	}
}

func logSettings() []Setting {
	return []Setting{
		{
			Key: "Logs.Mode", Type: Choice, Default: "Operations", Choices: []string{"None", "Operations", "Information"},
			Doc:   "What is logged: nothing, what an operator acts on, or everything.",
			store: func(c *Config, v value) { c.Logs.Mode = LogMode(v.text) },
		},
		{
			Key: "Logs.Path", Type: Text,
			Doc: "Directory of log files. Unset: the log goes to standard error.", Effect: Inactive,
		},
		{Key: "Logs.UseUtcTime", Type: Bool, Default: "true", Doc: "Times in the log in UTC.", Effect: Harmless},
		{
			Key: "Logs.RetentionTimeInHrs", Type: Int, Unit: Hours, Default: "72", Min: 24, Max: math.MaxInt32,
			Doc: "Age at which log files are removed.", Effect: Inactive,
		},
		{
			Key: "Logs.RetentionSizeInMb", Type: Int, Unit: Mebibytes, Min: 256, Max: math.MaxInt32,
			Doc: "Volume above which old log files are removed.", Effect: Inactive,
		},
		{
			Key: "Logs.MaxFileSizeInMb", Type: Int, Unit: Mebibytes, Default: "128", Min: 16, Max: math.MaxInt32,
			Doc: "Size at which a new log file begins.", Effect: Inactive,
		},
		{Key: "Logs.Compress", Type: Bool, Default: "false", Doc: "Compress log files that are full.", Effect: Inactive},
	}
}

// refuseTLS refuses addresses that would have to be served with TLS.
func refuseTLS(_ *Config, text string) string {
	for part := range strings.SplitSeq(text, ";") {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(part)), "https:") {
			return "this version serves no TLS, and an https address is never served in plain text; use http:// on a loopback address"
		}
	}
	return ""
}

func firstURL(list []Endpoint) string {
	if len(list) == 0 {
		return ""
	}
	return list[0].String()
}

// Storage are the settings of every environment. Zero values never occur: the table has a default for each.
type Storage struct {
	CompressAboveBytes   int
	SyncEvery            time.Duration
	SlowIOAfter          time.Duration
	NoMapping            bool
	IgnoreInvalidJournal bool
}

// Cluster are the settings of the consensus between nodes.
type Cluster struct {
	ElectionTimeout  time.Duration
	OperationTimeout time.Duration // bound of one command
	CommandBytesMax  int
	// ExpireValuesEvery is the pause between two looks for expired compare-exchange values; 0 never looks.
	ExpireValuesEvery time.Duration
}

// LogMode says how much is logged.
type LogMode string

// The modes.
const (
	LogNone        LogMode = "None"
	LogOperations  LogMode = "Operations"
	LogInformation LogMode = "Information"
)

// String returns the mode as Logs.Mode spells it.
func (m LogMode) String() string { return string(m) }

// Logs are the settings of the log.
type Logs struct{ Mode LogMode }
