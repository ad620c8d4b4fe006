package main

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/stat on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// busyTime returns how long the processors of this machine have been busy since it started, summed over cores; 0 where the
// system does not say.
func busyTime() time.Duration {
	f, err := os.Open("/proc/stat")
	if err != nil {
		return 0
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	if !lines.Scan() {
		return 0
	}
	var busy time.Duration
	for i, field := range strings.Fields(lines.Text()) { // cpu user nice system idle iowait irq softirq steal
		if i == 0 || i == 4 || i == 5 || i > 8 {
			continue
		}
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		busy += time.Duration(n) * tick
	}
	return busy
}

// foreignShare returns the part of the machine that others used, from 0 to 1: all that was busy, less what was ours.
func foreignShare(busy, own, elapsed time.Duration) float64 {
	whole := elapsed * time.Duration(runtime.NumCPU())
	return min(1, max(0, float64(busy-own)/float64(whole)))
}
