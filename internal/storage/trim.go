package storage

// Trim gives memory to the garbage collector that the environment keeps for its next transactions, and has changed pages written
// to the data file soon. It is for a machine that is short of memory, or a process that is idle; the next transactions
// pay for it with allocations. It returns at once.
func (e *Env) Trim() {
	e.pool.empty()
	ring(e.background.flushBell)
}

// empty gives all free buffers away.
func (p *pool) empty() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = nil
}
