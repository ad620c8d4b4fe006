package secret

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

const lockHint = `raise the minimum working set of the process, or give its user the right "Lock pages in memory"`

func systemPageBytes() int { return windows.Getpagesize() }

func systemTake(n int) ([]byte, error) {
	address, err := windows.VirtualAlloc(0, uintptr(n), windows.MEM_COMMIT|windows.MEM_RESERVE, windows.PAGE_READWRITE)
	if err != nil {
		return nil, err
	}
	// The address is not of the Go heap, so the collector has no say in it.
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&address))), n), nil
}

// systemLock enlarges the working set when it is too small: what is locked counts against its minimum.
func systemLock(b []byte) error {
	address, n := uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b))
	err := windows.VirtualLock(address, n)
	if !errors.Is(err, windows.ERROR_WORKING_SET_QUOTA) {
		return err
	}
	var least, most uintptr
	var flags uint32
	process := windows.CurrentProcess()
	windows.GetProcessWorkingSetSizeEx(process, &least, &most, &flags)
	if windows.SetProcessWorkingSetSizeEx(process, least+n, most+n, flags) != nil {
		return err
	}
	return windows.VirtualLock(address, n)
}

func systemUnlock(b []byte) {
	_ = windows.VirtualUnlock(uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
}

// systemGive unlocks too. It fails only for memory that is not ours; then it stays where it is, wiped.
func systemGive(b []byte) {
	_ = windows.VirtualFree(uintptr(unsafe.Pointer(unsafe.SliceData(b))), 0, windows.MEM_RELEASE)
}
