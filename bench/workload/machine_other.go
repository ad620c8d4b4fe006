//go:build !linux

package workload

func fileSystem(string) string { return "an unnamed file system" }

func processor() string { return "unnamed processor" }

func memory() string { return "unknown memory" }

func bytesToDisk() (int64, bool) { return 0, false }
