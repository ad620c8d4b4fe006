//go:build !linux && !darwin && !windows

package storage

// machineBytes is the memory of the machine; 0 when the system does not say.
func machineBytes() uint64 { return 0 }
