package memory

import "golang.org/x/sys/unix"

// systemMemoryBytes asks a system without /proc.
func systemMemoryBytes() int64 {
	bytes, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(bytes)
}
