package keyring

import "time"

// Bounds.
const (
	// masterTextBytesMax is what is read of a master key's file or of a program's output: 44 characters and a line end, and
	// enough to tell that it is something else.
	masterTextBytesMax = 1024
	// stderrBytesMax is how much is kept of what a program says on standard error: the end.
	stderrBytesMax = 1024
	// timeoutDefault is how long a program may run.
	timeoutDefault = 30 * time.Second
	// pipeWait is how long the children of a program that has ended may keep its output open.
	pipeWait = time.Second
	// retryAfter is how long a failure to fetch the master key is the answer to those who ask next: a program is not started for
	// each of a hundred databases.
	retryAfter = 10 * time.Second
)
