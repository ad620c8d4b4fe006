//go:build !linux

package workload

import (
	"io/fs"
	"path/filepath"
)

func fileSystem(string) string { return "an unnamed file system" }

func processor() string { return "unnamed processor" }

func memory() string { return "unknown memory" }

func bytesToDisk() (int64, bool) { return 0, false }

func anonymousBytes() (int64, bool) { return 0, false }

// allocatedBytes returns the lengths of the files below dir.
func allocatedBytes(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}
