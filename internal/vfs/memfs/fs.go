package memfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/rookerydb/rookery/internal/vfs"
)

// FS is a disk in memory. It implements vfs.FS. Names are cleaned; "db" and "/db" are the same.
type FS struct {
	dieAt        int // -1: never
	recording    bool
	crashless    bool
	sizeBytesMax int64 // 0: no bound

	mu       sync.RWMutex // guards all below, and all nodes; not the bytes that are mapped
	disk     *disk
	ops      []Op
	opCount  int
	inFlight *Op // the operation that power was cut in
	recorded recording
}

// New returns an empty disk.
func New(opts ...Option) *FS {
	f := configured(opts)
	f.disk = newDisk(true, !f.crashless)
	f.start()
	return f
}

func configured(opts []Option) *FS {
	f := &FS{dieAt: -1}
	for _, opt := range opts {
		opt(f)
	}
	return f
}

// OpCount is the number of operations done that changed the disk: the number that the next one will have.
func (f *FS) OpCount() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.opCount
}

// Ops returns the operations done, oldest first. A disk that does not record forgets the oldest of very many; one made with
// WithoutCrashes has none.
func (f *FS) Ops() []Op {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return slices.Clone(f.ops)
}

// SetSizeBytesMax changes how much fits on the disk; 0 means no bound. What is there stays, even when it is more.
func (f *FS) SetSizeBytesMax(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sizeBytesMax = n
}

// UsedBytes is the length of all files together.
func (f *FS) UsedBytes() int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.disk.used
}

// do numbers op, logs it and applies it, unless there is no power.
func (f *FS) do(op Op) error {
	op.Seq = f.opCount
	if f.inFlight == nil && op.Seq == f.dieAt {
		f.inFlight = &op
	}
	if f.inFlight != nil {
		return &fs.PathError{Op: op.Kind.String(), Path: op.Name, Err: ErrPowerCut}
	}
	f.opCount++
	f.disk.apply(&op)
	f.log(op)
	return nil
}

func (f *FS) log(op Op) {
	if f.recording {
		f.ops = append(f.ops, op)
		return
	}
	if f.crashless {
		return
	}
	op.data = nil
	f.ops = append(f.ops, op)
	if len(f.ops) > opsKeptMax {
		f.ops = slices.Clone(f.ops[len(f.ops)/2:])
	}
}

// Open implements vfs.FS.
func (f *FS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.openNode(name, mode)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	n.handles++
	return &file{fs: f, node: n, mode: mode}, nil
}

func (f *FS) openNode(name string, mode vfs.Mode) (*node, error) {
	const creating = vfs.Write | vfs.Create
	n, err := f.find(name)
	switch {
	case err == nil && n.isDir:
		return nil, fmt.Errorf("%w: %w", errIsDirectory, fs.ErrInvalid)
	case err == nil && mode&vfs.Exclusive != 0:
		return nil, fs.ErrExist
	case err == nil || mode&creating != creating:
		return n, err
	}
	return f.create(name)
}

func (f *FS) create(name string) (*node, error) {
	dir, err := f.find(path.Dir(clean(name)))
	if err != nil {
		return nil, err
	}
	if !dir.isDir {
		return nil, errNotDirectory
	}
	id := f.disk.lastID + 1
	if err := f.do(Op{Kind: Create, Name: clean(name), node: id, dir: dir.id, entry: path.Base(clean(name))}); err != nil {
		return nil, err
	}
	return f.disk.nodes[id], nil
}

// MkdirAll implements vfs.FS. Each directory that was missing is an operation.
func (f *FS) MkdirAll(dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, name := f.disk.root, ""
	for _, part := range parts(dir) {
		name = path.Join(name, part)
		if at.names[part] == nil {
			op := Op{Kind: Mkdir, Name: name, node: f.disk.lastID + 1, dir: at.id, entry: part}
			if err := f.do(op); err != nil {
				return err
			}
		}
		at = at.names[part]
		if !at.isDir {
			return pathError("mkdir", name, fmt.Errorf("%w: %w", errNotDirectory, fs.ErrExist))
		}
	}
	return nil
}

// Remove implements vfs.FS.
func (f *FS) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.find(name)
	if err != nil {
		return pathError("remove", name, err)
	}
	return f.remove(n)
}

func (f *FS) remove(n *node) error {
	name := n.path()
	if n == f.disk.root {
		return pathError("remove", name, fs.ErrInvalid)
	}
	if len(n.names) > 0 {
		return pathError("remove", name, errNotEmpty)
	}
	err := f.do(Op{Kind: Remove, Name: name, node: n.id, dir: n.parent.id, entry: n.name})
	f.forget(n)
	return err
}

// RemoveAll implements vfs.FS. What lies deeper goes first, in order of name.
func (f *FS) RemoveAll(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.find(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return pathError("remove", name, err)
	}
	return f.removeTree(n)
}

func (f *FS) removeTree(n *node) error {
	for _, child := range slices.Sorted(maps.Keys(n.names)) {
		if err := f.removeTree(n.names[child]); err != nil {
			return err
		}
	}
	return f.remove(n)
}

// forget lets go of a file that nobody can reach any more. A recording may come back to it.
func (f *FS) forget(n *node) {
	if n.parent == nil && n.handles == 0 && n != f.disk.root {
		delete(f.disk.nodes, n.id)
	}
}

// Rename implements vfs.FS.
func (f *FS) Rename(oldName, newName string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.find(oldName)
	if err != nil {
		return pathError("rename", oldName, err)
	}
	to, err := f.find(path.Dir(clean(newName)))
	if err != nil {
		return pathError("rename", newName, err)
	}
	entry := path.Base(clean(newName))
	replaced := to.names[entry]
	if replaced == n {
		return nil
	}
	if err := mayMove(n, to, replaced); err != nil {
		return pathError("rename", newName, err)
	}
	err = f.do(Op{
		Kind: Rename, Name: n.path(), NewName: clean(newName),
		node: n.id, dir: n.parent.id, entry: n.name, newDir: to.id, newEntry: entry,
	})
	if replaced != nil {
		f.forget(replaced)
	}
	return err
}

func mayMove(n, to, replaced *node) error {
	if !to.isDir {
		return errNotDirectory
	}
	for dir := to; dir != nil; dir = dir.parent {
		if dir == n {
			return fmt.Errorf("into itself: %w", fs.ErrInvalid)
		}
	}
	if replaced == nil {
		return nil
	}
	if replaced.isDir || n.isDir {
		return fs.ErrExist
	}
	return nil
}

// List implements vfs.FS.
func (f *FS) List(dir string) ([]string, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.find(dir)
	if err == nil && !n.isDir {
		err = errNotDirectory
	}
	if err != nil {
		return nil, pathError("list", dir, err)
	}
	return slices.Sorted(maps.Keys(n.names)), nil
}

// Stat implements vfs.FS.
func (f *FS) Stat(name string) (vfs.Info, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.find(name)
	if err != nil {
		return vfs.Info{}, pathError("stat", name, err)
	}
	return vfs.Info{SizeBytes: n.size, IsDir: n.isDir}, nil
}

// SyncDir implements vfs.FS.
func (f *FS) SyncDir(dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.find(dir)
	if err == nil && !n.isDir {
		err = errNotDirectory
	}
	if err != nil {
		return pathError("sync", dir, err)
	}
	return f.do(Op{Kind: SyncDir, Name: n.path(), dir: n.id})
}

// Lock implements vfs.FS.
func (f *FS) Lock(name string) (io.Closer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.openNode(name, vfs.Write|vfs.Create)
	if err != nil {
		return nil, pathError("lock", name, err)
	}
	if n.locked {
		return nil, &vfs.LockedError{Name: name}
	}
	if err := f.do(Op{Kind: Lock, Name: n.path(), node: n.id}); err != nil {
		return nil, err
	}
	n.locked = true
	n.handles++
	return &lock{fs: f, node: n}, nil
}

type lock struct {
	fs   *FS
	node *node
	once sync.Once
}

// Close gives the lock back. More than once is no error.
func (l *lock) Close() error {
	l.once.Do(func() {
		l.fs.mu.Lock()
		defer l.fs.mu.Unlock()
		l.node.locked = false
		l.node.handles--
		l.fs.forget(l.node)
	})
	return nil
}

func (f *FS) find(name string) (*node, error) {
	at := f.disk.root
	for _, part := range parts(name) {
		if !at.isDir {
			return nil, errNotDirectory
		}
		if at = at.names[part]; at == nil {
			return nil, fs.ErrNotExist
		}
	}
	return at, nil
}

// clean is name from the root, without "/" in front.
func clean(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

func parts(name string) []string {
	name = clean(name)
	if name == "" {
		return nil
	}
	return strings.Split(name, "/")
}

func pathError(verb, name string, err error) error {
	return &fs.PathError{Op: verb, Path: name, Err: err}
}

// free is how much more fits on the disk; below zero when the bound was lowered beneath what is there.
func (f *FS) free() int64 {
	if f.sizeBytesMax == 0 {
		return math.MaxInt64
	}
	return f.sizeBytesMax - f.disk.used
}
