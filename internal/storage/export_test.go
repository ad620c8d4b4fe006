package storage

// KeysOpen says whether the keys are in memory.
func (e *Env) KeysOpen() bool {
	e.vault.mu.Lock()
	defer e.vault.mu.Unlock()
	return e.vault.keys != nil
}
