package workload

import (
	"fmt"
	"io"
	"runtime"
)

// PrintMachine writes what the figures depend on: processor, cores, memory, system, and the file system under dir.
func PrintMachine(w io.Writer, dir string) {
	fmt.Fprintf(w, "machine: %s, %d cores, %s, %s/%s, %s; data on %s\n",
		processor(), runtime.NumCPU(), memory(), runtime.GOOS, runtime.GOARCH, runtime.Version(), fileSystem(dir))
}
