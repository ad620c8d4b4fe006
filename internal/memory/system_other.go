//go:build !darwin

package memory

// systemMemoryBytes asks a system without /proc; 0 where there is no way that we know.
func systemMemoryBytes() int64 { return 0 }
