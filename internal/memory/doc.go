// Package memory knows how much memory this process may use, how it is used, and when it is short.
//
// Start at Look and Machine.Limit (machine.go): what cgroups and the machine allow. ProfileOf (profile.go) turns that into the
// sizes of caches and bounds. Watch (watch.go) and GiveBack (give_back.go) are step functions: readings and instants go in,
// states come out, and whoever calls them acts. ReportNow (report.go) tells where the memory is.
//
// Nothing here calls upward: a Board (watch.go) holds the state that others read. The package starts no goroutine.
package memory
