package storage

import "golang.org/x/sys/unix"

// machineBytes is the memory of the machine; 0 when the system does not say.
func machineBytes() uint64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return uint64(info.Totalram) * uint64(info.Unit) //nolint:unconvert // 32 bits wide on some systems
}
