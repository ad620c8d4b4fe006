// Package e2e tests the real binary from outside, over the protocol and by its exit codes: it shares no code with it.
//
// The Go tests kill it, start it twice, and give it wrong directories and settings (kill_test.go, start_test.go).
// On Linux they also fill its disk, slow it down, and take memory away (disk_full_linux_test.go, slow_disk_linux_test.go,
// confined_linux_test.go); what needs rights that the machine does not give is skipped with the reason. The *.mjs
// files beside them run the official Node.js clients against it: "make e2e" runs both. ROOKERY_BIN names the binary to test;
// without it, the Go tests build one.
package e2e
