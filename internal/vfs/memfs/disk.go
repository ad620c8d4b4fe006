package memfs

import (
	"slices"

	"github.com/rookerydb/rookery/internal/invariant"
)

// disk is the state that operations change: a tree of nodes, and what of it a power cut would leave.
//
// It is a state machine: the same operations make the same disk, so that a recorded run can be repeated. It checks
// nothing; whoever calls apply has looked before.
type disk struct {
	root    *node
	nodes   map[int]*node // by id
	lastID  int
	used    int64    // bytes in all files
	pending []nameOp // changes of directories that are not durable, oldest first

	readable  bool // keeps the bytes as they are now
	crashable bool // keeps what a power cut would leave
}

// nameOp is one change of directory entries: creating has only to, removing only from, renaming both.
type nameOp struct {
	from, to        *node
	oldName, toName string
	node            *node
}

func newDisk(readable, crashable bool) *disk {
	d := &disk{nodes: map[int]*node{}, readable: readable, crashable: crashable}
	d.root = newDirectory(d.nextID())
	d.nodes[d.root.id] = d.root
	return d
}

func (d *disk) nextID() int {
	d.lastID++
	return d.lastID
}

// apply does op.
func (d *disk) apply(op *Op) {
	switch op.Kind {
	case Create, Mkdir:
		d.link(op)
	case Remove:
		d.unlink(op)
	case Rename:
		d.move(op)
	case SyncDir:
		d.syncDir(d.nodes[op.dir])
	case Write, Truncate, Allocate:
		d.change(d.nodes[op.node], op)
	case Sync:
		if d.crashable {
			d.nodes[op.node].sync()
		}
	case Lock: // leaves nothing on a disk
	default:
		invariant.Assert(false, "operation of kind %s", op.Kind)
	}
}

func (d *disk) change(n *node, op *Op) {
	w := n.change(op)
	if d.readable {
		n.applyNow(w)
	}
	if d.crashable {
		n.keep(w, op.Through)
	}
	if n.parent != nil {
		d.used += w.size - n.size
	}
	n.size = w.size
}

// nameOp is what op does to directories. The node that op creates is new each time.
func (d *disk) nameOp(op *Op) nameOp {
	switch op.Kind {
	case Create:
		return nameOp{to: d.nodes[op.dir], toName: op.entry, node: &node{id: op.node}}
	case Mkdir:
		return nameOp{to: d.nodes[op.dir], toName: op.entry, node: newDirectory(op.node)}
	case Remove:
		return nameOp{from: d.nodes[op.dir], oldName: op.entry, node: d.nodes[op.node]}
	case Rename:
		return nameOp{
			from: d.nodes[op.dir], oldName: op.entry,
			to: d.nodes[op.newDir], toName: op.newEntry, node: d.nodes[op.node],
		}
	default: // changes no directory
		return nameOp{}
	}
}

func (d *disk) link(op *Op) {
	name := d.nameOp(op)
	n := name.node
	d.nodes[n.id] = n
	d.lastID = max(d.lastID, n.id)
	n.parent, n.name = name.to, name.toName
	d.rename(name)
	if op.Kind == Mkdir {
		d.syncDir(name.to)
	}
}

func (d *disk) unlink(op *Op) {
	name := d.nameOp(op)
	d.drop(name.node)
	d.rename(name)
}

func (d *disk) move(op *Op) {
	name := d.nameOp(op)
	if replaced := name.to.names[name.toName]; replaced != nil {
		d.drop(replaced)
	}
	name.node.parent, name.node.name = name.to, name.toName
	d.rename(name)
}

// drop takes n out of the tree; an open file can go on using it.
func (d *disk) drop(n *node) {
	d.used -= n.size
	n.parent = nil
}

func (d *disk) rename(name nameOp) {
	name.apply(func(dir *node) map[string]*node { return dir.names })
	if d.crashable {
		d.pending = append(d.pending, name)
	}
}

// apply does the change to the entries that names gives for a directory.
func (o nameOp) apply(names func(dir *node) map[string]*node) {
	if o.from != nil {
		delete(names(o.from), o.oldName)
	}
	if o.to != nil {
		names(o.to)[o.toName] = o.node
	}
}

// dirs are the directories that o changes: one or two.
func (o nameOp) dirs() []*node {
	dirs := make([]*node, 0, 2)
	if o.from != nil {
		dirs = append(dirs, o.from)
	}
	if o.to != nil && o.to != o.from {
		dirs = append(dirs, o.to)
	}
	return dirs
}

// syncDir makes the entries of dir durable. A rename from or to another directory is durable whole, and then all that
// happened earlier in that directory is as well: file systems log such changes in order.
func (d *disk) syncDir(dir *node) {
	if len(d.pending) == 0 {
		return
	}
	need := map[*node]bool{dir: true}
	durable := make([]bool, len(d.pending))
	for i := len(d.pending) - 1; i >= 0; i-- {
		dirs := d.pending[i].dirs()
		durable[i] = slices.ContainsFunc(dirs, func(dir *node) bool { return need[dir] })
		if durable[i] {
			for _, dir := range dirs {
				need[dir] = true
			}
		}
	}
	rest := d.pending[:0]
	for i, o := range d.pending {
		if !durable[i] {
			rest = append(rest, o)
			continue
		}
		o.apply(func(dir *node) map[string]*node { return dir.durable })
	}
	clear(d.pending[len(rest):])
	d.pending = rest
}
