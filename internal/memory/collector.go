package memory

import (
	"math"
	"runtime/debug"
)

// LimitCollector tells the garbage collector to stay within 85 % of the limit, so that it works harder before the kernel ends
// the process. It returns the bytes; 0 when the limit is not known, or somebody has set another (GOMEMLIMIT).
func LimitCollector(l Limit) int64 {
	if l.Bytes == 0 || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return 0
	}
	bytes := l.Bytes / 100 * goShare
	debug.SetMemoryLimit(bytes)
	return bytes
}
