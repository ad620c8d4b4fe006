package storage

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryStatus is MEMORYSTATUSEX of the Windows API.
type memoryStatus struct {
	length, load                                 uint32
	total, free, totalPaged, freePaged           uint64
	totalVirtual, freeVirtual, freeVirtualExtend uint64
}

// machineBytes is the memory of the machine; 0 when the system does not say.
func machineBytes() uint64 {
	ask := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	status := memoryStatus{length: uint32(unsafe.Sizeof(memoryStatus{}))}
	if ask.Find() != nil {
		return 0
	}
	if ok, _, _ := ask.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
		return 0
	}
	return status.total
}
