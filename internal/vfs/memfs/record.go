package memfs

import "github.com/rookerydb/rookery/internal/invariant"

// recording is a run that can be repeated up to any of its operations.
type recording struct {
	start *disk // the disk before the first operation
	disk  *disk // after the first done operations
	done  int
}

// CrashAt returns the disk that a power cut during operation op leaves: those before it are done, op itself is done, undone
// or done in part. With op equal to OpCount, power is cut when all is done. Needs Record. Going through the operations in
// rising order costs each only once; going back starts again from the first. Like AfterCrash otherwise.
func (f *FS) CrashAt(op int, mode CrashMode, seed uint64, opts ...Option) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	invariant.Assert(f.recording, "CrashAt on a disk made without Record")
	return f.crashAtLocked(op, mode, seed, opts)
}

func (f *FS) crashAtLocked(at int, mode CrashMode, seed uint64, opts []Option) *FS {
	invariant.Assert(at >= 0 && at <= f.opCount, "crash at operation %d of %d", at, f.opCount)
	r := &f.recorded
	if r.disk == nil || at < r.done {
		r.rewind()
	}
	for ; r.done < at; r.done++ {
		r.disk.apply(&f.ops[r.done])
	}
	inFlight := f.inFlight
	if at < f.opCount {
		inFlight = &f.ops[at]
	}
	return newImage(crash{disk: r.disk, inFlight: inFlight, mode: mode, seed: dice(seed)}, opts)
}

func (r *recording) rewind() {
	r.done = 0
	r.disk = crash{disk: r.start}.image(false, true) // nothing is pending at the start: a plain copy, with equal numbers
}

// start begins the recording, if one is wanted, with the disk as it is. From then on what a power cut leaves is known from
// the recording, and need not be kept up to date on the disk itself.
func (f *FS) start() {
	if !f.recording {
		return
	}
	f.recorded.start = crash{disk: f.disk}.image(false, true)
	f.disk.crashable = false
	for _, n := range f.disk.nodes {
		n.synced, n.durable = content{}, nil
	}
}
