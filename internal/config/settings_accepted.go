package config

import "math"

func securitySettings() []Setting {
	const noTLS = "this version serves no TLS, and would answer in plain text what the certificate was meant to protect; remove the setting"
	needsTLS := func(key, doc string) Setting {
		return Setting{
			Key: key, Type: Text, Doc: doc, Effect: Inactive,
			refuse: func(_ *Config, text string) string {
				if text != "" {
					return noTLS
				}
				return ""
			},
		}
	}
	text := func(key, doc string) Setting { return Setting{Key: key, Type: Text, Doc: doc, Effect: Inactive} }
	seconds := func(key, fallback, doc string) Setting {
		return Setting{Key: key, Type: Int, Unit: Seconds, Default: fallback, Min: 1, Max: 86_400, Doc: doc, Effect: Inactive}
	}
	return []Setting{
		{
			Key: "Security.UnsecuredAccessAllowed", Type: Choice, Default: "Local",
			Choices: []string{"None", "Local", "PrivateNetwork", "PublicNetwork"},
			Doc:     "Who may reach the server without authentication: nobody, this machine, private address ranges, everybody.",
			store:   func(c *Config, v value) { c.UnsecuredAccess = accessOf(v.text) },
		},
		needsTLS("Security.Certificate.Path", "PKCS#12 file with the server's certificate and key."),
		{Key: "Security.Certificate.Password", Type: Secret, Doc: "Password of that file.", Effect: Inactive},
		needsTLS("Security.Certificate.Load.Exec", "Program that prints the certificate."),
		text("Security.Certificate.Load.Exec.Arguments", "Its arguments."),
		text("Security.Certificate.Renew.Exec", "Program that renews the certificate."),
		text("Security.Certificate.Renew.Exec.Arguments", "Its arguments."),
		text("Security.Certificate.Change.Exec", "Program told of a new certificate."),
		text("Security.Certificate.Change.Exec.Arguments", "Its arguments."),
		seconds("Security.Certificate.Exec.TimeoutInSec", "30", "Longest run of these programs."),
		text("Security.Certificate.LetsEncrypt.Email", "Address given to the certificate authority."),
		text("Security.WellKnownCertificates.Admin", "Thumbprints of certificates that are cluster admins."),
		text("Security.WellKnownIssuers.Admin", "Issuers whose certificates are cluster admins."),
		text("Security.AuditLog.FolderPath", "Directory of the audit log."),
		{
			Key: "Security.AuditLog.RetentionTimeInHrs", Type: Int, Unit: Hours, Default: "8760", Min: 1, Max: math.MaxInt32,
			Doc: "Age at which audit logs are removed.", Effect: Inactive,
		},
		{
			Key: "Security.AuditLog.RetentionSizeInMb", Type: Int, Unit: Mebibytes, Min: 1, Max: math.MaxInt32,
			Doc: "Volume above which old audit logs are removed.", Effect: Inactive,
		},
		{Key: "Security.AuditLog.Compress", Type: Bool, Default: "false", Doc: "Compress audit logs.", Effect: Inactive},
		{Key: "Security.DisableHttpsRedirection", Type: Bool, Default: "false", Doc: "No redirection from http to https.", Effect: Harmless},
		{Key: "Security.DisableHsts", Type: Bool, Default: "false", Doc: "No Strict-Transport-Security header.", Effect: Harmless},
		text("Security.TlsCipherSuites", "Cipher suites offered."),
	}
}

func licenceSettings() []Setting {
	free := func(key string, t Type, doc string) Setting {
		return Setting{Key: key, Type: t, Doc: doc, Effect: Harmless}
	}
	return []Setting{
		free("License", Secret, "Licence text of other products. Any text: no licence is needed."),
		free("License.Path", Text, "Licence file of other products."),
		free("License.Eula.Accepted", Text, "There is no agreement to accept."),
		free("License.CanActivate", Text, "No licence is activated."),
		free("License.CanForceUpdate", Text, "No licence is updated."),
		free("License.SkipLeasingErrorsLogging", Text, "No licence is leased."),
		{
			Key: "Features.Availability", Type: Choice, Default: "Stable", Choices: []string{"Stable", "Experimental"},
			Doc: "Nothing is held back as experimental.", Effect: Harmless,
		},
	}
}

// acceptedSettings are single keys of other groups. Whole groups stand in groups.
func acceptedSettings() []Setting {
	engines := []string{"Lucene", "Corax"}
	text := func(key, doc string) Setting { return Setting{Key: key, Type: Text, Doc: doc, Effect: Inactive} }
	return []Setting{
		text("ExternalIp", "Address of this machine as seen from outside."),
		text("AcmeUrl", "Certificate authority."),
		{
			Key: "ThrowIfAnyIndexCannotBeOpened", Type: Bool, Default: "false",
			Doc: "Refuse to open a database with a broken index.", Effect: Inactive,
		},
		{
			Key: "Subscriptions.MaxNumberOfConcurrentConnections", Type: Int, Default: "1000", Min: 1, Max: math.MaxInt32,
			Doc: "Bound of subscription workers.", Effect: Inactive,
		},
		{
			Key: "TrafficWatch.Mode", Type: Choice, Default: "Off", Choices: []string{"Off", "ToLogFile"},
			Doc: "Log of every request.", Effect: Inactive,
		},
		text("TrafficWatch.Databases", "Its filter on databases."),
		text("TrafficWatch.StatusCodes", "Its filter on status codes."),
		text("TrafficWatch.MinimumResponseSizeInBytes", "Its filter on response size."),
		text("TrafficWatch.MinimumRequestSizeInBytes", "Its filter on request size."),
		text("TrafficWatch.MinimumDurationInMs", "Its filter on duration."),
		text("TrafficWatch.HttpMethods", "Its filter on methods."),
		text("TrafficWatch.ChangeTypes", "Its filter on kinds of change."),
		{
			Key: "Indexing.Static.SearchEngineType", Type: Choice, Default: "Lucene", Choices: engines,
			Doc: "One engine serves both names.", Effect: Harmless,
		},
		{
			Key: "Indexing.Auto.SearchEngineType", Type: Choice, Default: "Lucene", Choices: engines,
			Doc: "One engine serves both names.", Effect: Harmless,
		},
		{
			Key: "Storage.MaxScratchBufferSizeInMb", Type: Int, Unit: Mebibytes, Default: "256", Min: 1, Max: 1 << 20,
			Doc: "Memory for pages not yet written to the data file.", Effect: Inactive,
		},
		{Key: "Storage.TempPath", Type: Text, Doc: "Directory of temporary files.", Effect: Inactive},
	}
}

// groups are prefixes under which any key is accepted without effect: settings of parts that read theirs from a
// database's record, or that have none yet.
func groups() []string {
	return []string{
		"Indexing.", "Query.", "Patching.", "Databases.", "Memory.", "Storage.", "Http.", "Tombstones.", "Replication.",
		"Etl.", "Backup.", "Server.", "Monitoring.", "Migration.", "PerformanceHints.", "Integrations.PostgreSQL.",
		"Embedded.", "TransactionMerger.", "Subscriptions.", "TrafficWatch.",
	}
}

// flags are arguments of other products' start scripts that are no settings, and whether each takes a value.
func flags() map[string]bool {
	return map[string]bool{
		"-n": false, "--non-interactive": false, "--browser": false, "--run-as-service": false, "--print-id": false,
		"-l": false, "--log-to-console": false, "--service-name": true,
	}
}
