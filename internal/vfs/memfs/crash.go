package memfs

import (
	"maps"
	"slices"

	"github.com/rookerydb/rookery/internal/invariant"
)

// CrashMode says which of the things that a power cut may leave it does leave.
type CrashMode uint8

// The modes. SyncedOnly and AllWritten use no chance.
const (
	SyncedOnly   CrashMode = iota // nothing that was not promised
	AllWritten                    // everything, the operation in flight too
	RandomSubset                  // each block of 4 KiB at any state since it was synced
	Torn                          // each sector of 512 bytes so
)

var modeNames = [...]string{"synced-only", "all-written", "random-subset", "torn"}

// String returns the mode in lower-case letters.
func (m CrashMode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return "unknown"
}

// CrashModes returns all modes, for tests that try each.
func CrashModes() []CrashMode {
	return []CrashMode{SyncedOnly, AllWritten, RandomSubset, Torn}
}

// AfterCrash returns the disk as a power cut now, or the one of DieAtOp, leaves it. The new disk has nothing unsynced, no
// locks, and the options given here only. The old one is not changed. Equal seeds give equal disks.
//
// Files that the crash did not touch share their bytes with the old disk until somebody writes or maps them.
func (f *FS) AfterCrash(mode CrashMode, seed uint64, opts ...Option) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.recording {
		return f.crashAtLocked(f.opCount, mode, seed, opts)
	}
	invariant.Assert(!f.crashless, "AfterCrash on a disk made with WithoutCrashes")
	return newImage(crash{disk: f.disk, inFlight: f.inFlight, mode: mode, seed: dice(seed)}, opts)
}

func newImage(c crash, opts []Option) *FS {
	f := configured(opts)
	f.disk = c.image(true, !f.crashless)
	f.start()
	return f
}

// crash is one power cut.
type crash struct {
	disk     *disk
	inFlight *Op // nil when power was cut between operations
	mode     CrashMode
	seed     dice
}

// image builds the disk that is left.
func (c crash) image(readable, crashable bool) *disk {
	left := &disk{nodes: map[int]*node{}, readable: readable, crashable: crashable}
	left.root = c.imageDir(left, c.disk.root, c.entries())
	return left
}

// imageDir copies dir and all below it. Entries go in order of name, so that numbers of nodes depend on nothing else.
func (c crash) imageDir(left *disk, dir *node, entries map[*node]map[string]*node) *node {
	image := newDirectory(left.nextID())
	left.nodes[image.id] = image
	names := entries[dir]
	if names == nil {
		names = dir.durable
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		child := c.imageNode(left, names[name], entries)
		child.parent, child.name = image, name
		image.names[name] = child
		if left.crashable {
			image.durable[name] = child
		}
	}
	return image
}

func (c crash) imageNode(left *disk, n *node, entries map[*node]map[string]*node) *node {
	if n.isDir {
		return c.imageDir(left, n, entries)
	}
	bytes := c.bytes(n)
	image := &node{id: left.nextID(), size: int64(len(bytes.bytes)), now: bytes}
	if left.crashable {
		image.synced = image.now.share()
	}
	left.nodes[image.id] = image
	left.used += image.size
	return image
}

// entries are the directories in which something was pending, as the crash leaves them: of each, the first few changes.
// A rename between two directories happened in both or in none, and nothing after it happens where it did not.
func (c crash) entries() map[*node]map[string]*node {
	pending := c.disk.pending
	if c.inFlight != nil {
		if o := c.disk.nameOp(c.inFlight); o.node != nil {
			pending = append(slices.Clip(pending), o)
		}
	}
	left := map[*node]map[string]*node{}
	names := func(dir *node) map[string]*node {
		if left[dir] == nil {
			left[dir] = maps.Clone(dir.durable)
		}
		return left[dir]
	}
	stopped := map[*node]bool{}
	for i, o := range pending {
		happens := true
		for _, dir := range o.dirs() {
			happens = happens && !stopped[dir] && c.survives(dir, i, len(pending))
		}
		if happens {
			o.apply(names)
			continue
		}
		for _, dir := range o.dirs() {
			stopped[dir] = true
		}
	}
	return left
}

// survives says whether dir's change at place i of n pending ones may still happen.
func (c crash) survives(dir *node, i, n int) bool {
	switch c.mode {
	case SyncedOnly:
		return false
	case AllWritten:
		return true
	case RandomSubset, Torn:
	}
	return i < int(c.seed.roll(rollEntries, dir.id, 0)%uint64(n+1))
}

// bytes are what is left of file n.
func (c crash) bytes(n *node) content {
	writes := n.writes
	if c.changing(n) {
		writes = append(slices.Clip(writes), n.change(c.inFlight))
	}
	if len(writes) == 0 {
		return n.synced.share()
	}
	left := content{bytes: slices.Clone(n.synced.bytes)}
	p := c.plan(n, writes)
	for i, w := range writes[:p.hi] {
		switch {
		case w.cuts:
			left.resize(min(w.size, int64(len(left.bytes))))
		case w.forced:
			left.write(w.data, w.off)
		case w.data != nil:
			p.writeSome(&left, w, i)
		}
	}
	left.resize(p.size)
	return left
}

// changing says whether the operation in flight changes the bytes or the length of n.
func (c crash) changing(n *node) bool {
	op := c.inFlight
	return op != nil && op.node == n.id && (op.Kind == Write || op.Kind == Truncate || op.Kind == Allocate)
}
