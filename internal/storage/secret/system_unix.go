//go:build linux || darwin

package secret

import "golang.org/x/sys/unix"

func systemPageBytes() int { return unix.Getpagesize() }

func systemTake(n int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	hideFromDumps(b)
	return b, nil
}

func systemLock(b []byte) error { return unix.Mlock(b) }

func systemUnlock(b []byte) { _ = unix.Munlock(b) }

// systemGive unlocks too. It fails only for memory that is not ours; then it stays where it is, wiped.
func systemGive(b []byte) { _ = unix.Munmap(b) }
