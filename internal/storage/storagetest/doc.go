// Package storagetest opens environments for tests, and runs a workload whose every state is known.
//
// Start at Open (open.go) for an environment in memory that is checked when the test ends, and at Workload (workload.go)
// for crash tests: it commits seeded changes and tells the digest of the state after each. Only tests import it.
package storagetest
