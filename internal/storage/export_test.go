package storage

// KeysOpen says whether the keys are in memory.
func (e *Env) KeysOpen() bool {
	e.vault.mu.Lock()
	defer e.vault.mu.Unlock()
	return e.vault.keys != nil
}

// Unrecorded returns o without the recording of writes and syncs.
func Unrecorded(o Options) Options {
	o.unrecorded = true
	return o
}

// PooledBytes returns how much memory of released buffers is kept.
func (e *Env) PooledBytes() int64 {
	e.pool.mu.Lock()
	defer e.pool.mu.Unlock()
	return int64(len(e.pool.free)) * pageBytes
}
