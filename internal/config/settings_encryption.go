package config

import "time"

func encryptionSettings() []Setting {
	return []Setting{
		{
			Key: "Security.MasterKey.Path", Type: Text,
			Doc: "File with the key under which the keys of encrypted databases are kept: 32 bytes, or 44 characters of base64; only its owner may " +
				"read it. Unset: `master.key` in `DataDir`, which is made when the first encrypted database is.",
			store: func(c *Config, v value) { c.Encryption.MasterKeyPath = v.text },
		},
		{
			Key: "Security.MasterKey.Exec", Type: Text,
			Doc: "Program that prints the master key in one of these forms, and ends with 0. It is told what is wanted as JSON on standard input, " +
				"and runs when the key is first needed.",
			store: func(c *Config, v value) { c.Encryption.MasterKeyProgram = v.text },
			refuse: func(c *Config, text string) string {
				return twoMasterKeys(text, "Security.MasterKey.Path", c.Encryption.MasterKeyPath)
			},
		},
		{
			Key: "Security.MasterKey.Exec.Arguments", Type: Text,
			Doc:   "Arguments of that program, separated by blanks; quotes keep blanks.",
			store: func(c *Config, v value) { c.Encryption.MasterKeyArguments = v.text },
		},
		{
			Key: "Security.MasterKey.Exec.TimeoutInSec", Type: Int, Unit: Seconds, Default: "30", Min: 1, Max: 3600,
			Doc:   "How long that program may run before it is stopped, with all that it has started.",
			store: func(c *Config, v value) { c.Encryption.MasterKeyTimeout = v.duration() },
		},
		{
			Key: "Security.MasterKey.ExecTimeoutInSec", Type: Int, Unit: Seconds, Min: 1, Max: 3600,
			Doc: "Older name of the same; wins when both are set.",
			store: func(c *Config, v value) {
				if v.number > 0 {
					c.Encryption.MasterKeyTimeout = v.duration()
				}
			},
		},
		{
			Key: "Master.Key", Type: Secret, environmentOnly: true,
			Doc: "The master key itself, as base64: for `ROOKERY_MASTER_KEY`, where a file or program will not do. Taken from the environment only. " +
				"Other processes of the same user, and whoever may look into the container, can read it there.",
			store: func(c *Config, v value) { c.Encryption.MasterKeyText = v.text },
			refuse: func(c *Config, text string) string {
				if why := twoMasterKeys(text, "Security.MasterKey.Path", c.Encryption.MasterKeyPath); why != "" {
					return why
				}
				return twoMasterKeys(text, "Security.MasterKey.Exec", c.Encryption.MasterKeyProgram)
			},
		},
		{
			Key: "Security.UnsecuredEncryption.Allowed", Type: Bool, Default: "false",
			Doc: "Make encrypted databases although the server has no TLS: what is encrypted on the disk crosses the network in the clear. For " +
				"development, and for servers that only this machine reaches.",
			store: func(c *Config, v value) { c.Encryption.Unsecured = v.flag },
		},
		{
			Key: "Security.DoNotConsiderMemoryLockFailureAsCatastrophicError", Type: Bool, Default: "false",
			Doc: "Go on when the system does not lock keys in memory, so that they may be swapped out. Unset, encrypted databases do not open then.",
			store: func(c *Config, v value) {
				c.Encryption.MustLock = !v.flag
			},
		},
	}
}

// twoMasterKeys refuses a second source of the master key: which one counts would be a guess.
func twoMasterKeys(text, otherKey, other string) string {
	if text == "" || other == "" {
		return ""
	}
	return otherKey + " is set too, and there is one master key; remove one of the two"
}

// Encryption are the settings of encrypted databases. At most one of path, program and text is set.
type Encryption struct {
	MasterKeyPath      string
	MasterKeyProgram   string
	MasterKeyArguments string
	MasterKeyTimeout   time.Duration
	MasterKeyText      string // a secret: base64
	Unsecured          bool   // make them without TLS too
	MustLock           bool   // refuse memory that cannot be locked
}
