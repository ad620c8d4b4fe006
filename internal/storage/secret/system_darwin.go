package secret

const lockHint = "raise the limit of locked memory: ulimit -l"

// hideFromDumps does nothing: macOS has no such advice, and writes no core dumps unless asked to.
func hideFromDumps([]byte) {}
