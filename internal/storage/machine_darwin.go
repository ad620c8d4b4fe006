package storage

import "golang.org/x/sys/unix"

// machineBytes is the memory of the machine; 0 when the system does not say.
func machineBytes() uint64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return n
}
