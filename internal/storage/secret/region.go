package secret

// region is a piece of memory as the system gives it: zero, outside the heap, aligned to its pages.
type region struct {
	bytes   []byte
	lockErr error // nil when the memory is locked
}

// takeRegion takes n bytes, rounded up to pages of the system. *MemoryError, or *LockError when o.MustLock; of the latter
// the region without bytes tells too.
func takeRegion(n int, o Options) (region, error) {
	page := systemPageBytes()
	n = (n + page - 1) / page * page
	bytes, err := systemTake(n)
	if err != nil {
		return region{}, &MemoryError{Bytes: n, Err: err}
	}
	r := region{bytes: bytes}
	if err := systemLock(bytes); err != nil {
		r.lockErr = &LockError{Bytes: n, Err: err}
		if o.MustLock {
			r.give()
			return r, r.lockErr
		}
	}
	return r, nil
}

// leaveHeadroom unlocks the region again when it took the last of what may be locked.
func (r *region) leaveHeadroom() {
	if r.lockErr != nil {
		return
	}
	probe, err := takeRegion(headroomBytes, Options{})
	if err != nil {
		return // no memory at all is told by whoever needs it next
	}
	if probe.lockErr != nil {
		systemUnlock(r.bytes)
		r.lockErr = probe.lockErr
	}
	probe.give()
}

// give wipes the region and returns it to the system. Slices of it must not be used again.
func (r *region) give() {
	clear(r.bytes)
	systemGive(r.bytes)
	r.bytes = nil
}
