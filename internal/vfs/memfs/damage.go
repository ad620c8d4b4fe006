package memfs

import (
	"maps"
	"slices"

	"github.com/rookerydb/rookery/internal/invariant"
)

// Files returns the paths of all files, sorted.
func (f *FS) Files() []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return slices.Sorted(maps.Keys(f.disk.files()))
}

// files are the linked files by path.
func (d *disk) files() map[string]*node {
	found := map[string]*node{}
	for _, n := range d.nodes {
		if n.parent != nil && !n.isDir {
			found[n.path()] = n
		}
	}
	return found
}

// Corrupt replaces the bytes of the file called name by what damage returns, durably, behind everybody's back: it is no
// operation, and mappings show it when the length stays. damage owns the bytes that it is given. It panics when there is no such file,
// or while recording, since the recording would not know.
func (f *FS) Corrupt(name string, damage func([]byte) []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	invariant.Assert(!f.recording, "corrupt %q while recording", name)
	n, err := f.find(name)
	invariant.Assert(err == nil && !n.isDir, "corrupt %q, which is no file", name)
	bytes := damage(slices.Clone(n.now.bytes))
	f.disk.used += int64(len(bytes)) - n.size
	n.size = int64(len(bytes))
	n.now.resize(n.size)
	n.now.write(bytes, 0)
	if f.disk.crashable {
		n.writes = nil
		n.synced = content{bytes: slices.Clone(bytes)}
	}
}
