package memfs

// node is a file or a directory, as it is now and as it was last made durable.
type node struct {
	id    int
	isDir bool

	parent *node  // where it stands now; nil for the root, and once removed
	name   string // its last name in parent

	names   map[string]*node // a directory's entries now
	durable map[string]*node // and those that survive a power cut

	size    int64   // a file's length now
	now     content // its bytes now; empty on a disk that only crashes
	synced  content // its durable bytes, but for writes
	writes  []write // what has happened to it since, oldest first
	handles int     // open files, to know when a removed one can be forgotten
	locked  bool
}

// write is a change of a file that synced does not hold yet.
type write struct {
	off    int64
	data   []byte // nil for a change of length only
	size   int64  // the file's length after it
	cuts   bool   // it made the file shorter
	forced bool   // it went through: durable, though earlier ones may not be
}

func newDirectory(id int) *node {
	return &node{id: id, isDir: true, names: map[string]*node{}, durable: map[string]*node{}}
}

// path is the node's place from the root, without "/" in front.
func (n *node) path() string {
	if n.parent == nil || n.parent.parent == nil {
		return n.name
	}
	return n.parent.path() + "/" + n.name
}

// change is what op does to n, as a write that is not durable yet.
func (n *node) change(op *Op) write {
	switch op.Kind {
	case Write:
		return write{off: op.Off, data: op.data, size: max(n.size, op.Off+op.Bytes)}
	case Truncate:
		return write{size: op.Bytes, cuts: op.Bytes < n.size}
	case Allocate:
		return write{size: max(n.size, op.Off+op.Bytes)}
	default:
		panic("BUG: no file is changed by " + op.Kind.String())
	}
}

// applyNow makes w visible to readers.
func (n *node) applyNow(w write) {
	if w.data != nil {
		n.now.write(w.data, w.off)
	}
	if int64(len(n.now.bytes)) != w.size {
		n.now.resize(w.size)
	}
}

// keep notes w for the next sync or power cut. When nothing is waiting, what went through is durable at once.
func (n *node) keep(w write, through bool) {
	if through && len(n.writes) == 0 {
		n.synced.write(w.data, w.off)
		return
	}
	w.forced = through
	n.writes = append(n.writes, w)
}

// sync makes all that has happened to the file durable.
func (n *node) sync() {
	for _, w := range n.writes {
		if w.data != nil {
			n.synced.write(w.data, w.off)
		}
		if w.cuts {
			n.synced.resize(w.size)
		}
	}
	if int64(len(n.synced.bytes)) != n.size {
		n.synced.resize(n.size)
	}
	n.writes = nil
}
