package workload

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// fileSystem names the kind of file system that dir is on.
func fileSystem(dir string) string {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return "unknown"
	}
	kinds := map[int64]string{
		0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x01021994: "tmpfs", 0x858458f6: "ramfs", 0x794c7630: "overlayfs",
		0x2fc12fc1: "zfs", 0x6969: "nfs",
	}
	if kind, ok := kinds[int64(stat.Type)]; ok { //nolint:unconvert // Type is int32 on some systems
		return kind
	}
	return fmt.Sprintf("file system %#x", stat.Type)
}

// processor returns the model name of the first core.
func processor() string { return procField("/proc/cpuinfo", "model name") }

// memory returns the size of the machine's memory.
func memory() string { return procField("/proc/meminfo", "MemTotal") }

// bytesToDisk returns what this process has sent to block devices since it began; false when the system does not say.
func bytesToDisk() (int64, bool) {
	n, err := strconv.ParseInt(procField("/proc/self/io", "write_bytes"), 10, 64)
	return n, err == nil
}

// anonymousBytes returns the memory of this process that no file stands behind; false when the system does not say.
func anonymousBytes() (int64, bool) {
	kilobytes, _, _ := strings.Cut(procField("/proc/self/status", "RssAnon"), " ")
	n, err := strconv.ParseInt(kilobytes, 10, 64)
	return n << 10, err == nil
}

// allocatedBytes returns how much room the files below dir take on the disk, reserved blocks included.
func allocatedBytes(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		var stat syscall.Stat_t
		if err := syscall.Lstat(path, &stat); err != nil {
			return err
		}
		total += stat.Blocks * 512
		return nil
	})
	return total, err
}

// procField returns what stands behind "name:" in a file of lines.
func procField(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ":")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
