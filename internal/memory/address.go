package memory

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// AddressSpace is how much of the addresses that a process can have is taken. Both are 0 when that is not known.
type AddressSpace struct{ UsedBytes, LimitBytes int64 }

// ReadAddressSpace reads what this process takes. root is the root of the file system.
func ReadAddressSpace(root fs.FS) AddressSpace {
	fields := strings.Fields(readFile(root, "proc/self/statm"))
	if len(fields) == 0 {
		return AddressSpace{}
	}
	pages, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return AddressSpace{}
	}
	return AddressSpace{UsedBytes: pages * int64(os.Getpagesize()), LimitBytes: addressLimit(root, strconv.IntSize)}
}

// addressLimit returns what the system gives a process: 3 GiB to one with 32 bits (some kernels a little more, none less), 128 TiB to
// one with 64; or what an operator allows (ulimit -v).
func addressLimit(root fs.FS, wordBits int) int64 {
	limit := int64(128 << 40)
	if wordBits == 32 {
		limit = 3 << 30
	}
	for line := range strings.Lines(readFile(root, "proc/self/limits")) {
		if rest, ok := strings.CutPrefix(line, "Max address space"); ok {
			fields := strings.Fields(rest)
			if len(fields) == 0 {
				break
			}
			if bytes, err := strconv.ParseInt(fields[0], 10, 64); err == nil && bytes > 0 {
				limit = min(limit, bytes)
			}
		}
	}
	return limit
}

// AddressWatch decides when to warn that the address space is nearly used up: a mapping or a thread that does not fit ends the
// process. It is a step function.
type AddressWatch struct{ warned bool }

// Warned reports whether the last reading was in a warning.
func (w *AddressWatch) Warned() bool { return w.warned }

// Step takes a reading, and reports whether a warning begins with it: at three quarters, and not again before it was below
// 65 percent.
func (w *AddressWatch) Step(a AddressSpace) bool {
	if a.LimitBytes <= 0 {
		return false
	}
	share := a.UsedBytes / (a.LimitBytes/100 + 1)
	if w.warned {
		w.warned = share >= addressCalmShare
		return false
	}
	w.warned = share >= addressWarnShare
	return w.warned
}
