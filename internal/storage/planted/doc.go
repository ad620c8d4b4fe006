// Package planted has faults that are built into storage on purpose, one at a time, to see that the tests find each of them.
//
// Without the build tag planted, Is is the constant false and the compiler leaves the faults out. With it, the fault whose name
// the linker was given is there:
//
//	go test -tags planted -ldflags "-X github.com/rookerydb/rookery/internal/storage/planted.active=skip-data-sync" ./internal/storage
//
// make scorecard does so for all of them and prints which were found. A new defect that reached users adds a fault here.
package planted
