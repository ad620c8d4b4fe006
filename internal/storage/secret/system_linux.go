package secret

import "golang.org/x/sys/unix"

const lockHint = "raise the limit of locked memory: ulimit -l, or LimitMEMLOCK= of the systemd unit"

// hideFromDumps leaves b out of core dumps. A kernel too old for that writes them as it always did.
func hideFromDumps(b []byte) { _ = unix.Madvise(b, unix.MADV_DONTDUMP) }
