package secret

// Options say how memory is taken. The zero value works.
type Options struct {
	// MustLock refuses memory that cannot be locked, with *LockError. Without it, a secret may be swapped out to a disk
	// that is not encrypted; with it, a system that allows too little locked memory cannot open encrypted databases.
	MustLock bool
}
