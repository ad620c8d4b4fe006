package btree

import (
	"fmt"
	"io"
	"strings"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Dump writes the tree as text, one line for each page and entry, in the order of the keys. What is damaged is written as
// a line that says so. The error is that of w.
func Dump(w io.Writer, v View) error {
	d := dumper{w: w, seen: map[page.No]bool{}}
	s := v.state
	d.line(0, "tree: depth %d, %d entries, %d leaf, %d branch, %d overflow pages",
		s.Depth, s.Entries, s.LeafPages, s.BranchPages, s.OverflowPages)
	if s.Root != 0 {
		d.node(v.pages, s.Root, int(s.Depth)-1, 1)
	}
	return d.err
}

// DumpFixed is Dump for fixed-size trees.
func DumpFixed(w io.Writer, v FixedView) error {
	d := dumper{w: w, seen: map[page.No]bool{}}
	s := v.state
	d.line(0, "fixed-size tree: depth %d, %d entries of %d bytes, %d leaf, %d branch pages",
		s.Depth, s.Entries, s.ValueBytes, s.LeafPages, s.BranchPages)
	if s.Root != 0 {
		d.fixedNode(v, s.Root, int(s.Depth)-1, 1)
	}
	return d.err
}

// dumper writes lines until the first error.
type dumper struct {
	w    io.Writer
	err  error
	seen map[page.No]bool // a damaged tree may lead to the same page twice
}

// enter reports whether the page is to be shown: not yet shown, loaded without error, and somebody still reads.
func (d *dumper) enter(no page.No, indent int, err error) bool {
	switch {
	case d.err != nil:
		return false
	case err != nil:
		d.line(indent, "damaged: %v", err)
		return false
	case d.seen[no]:
		d.line(indent, "damaged: page %d again", no)
		return false
	}
	d.seen[no] = true
	return true
}

func (d *dumper) line(indent int, format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.w, strings.Repeat("  ", indent)+format+"\n", args...)
	}
}

func (d *dumper) node(pages Reader, no page.No, height, indent int) {
	n, err := load(pages, no, kindAt(height))
	if !d.enter(no, indent, err) {
		return
	}
	d.line(indent, "%v %d: %d entries, %d bytes used, %d dead", page.KindOf(n), no, n.entries(), n.used(), page.Dead(n))
	for i := range n.count() {
		if height == 0 && n.isGap(i) {
			continue
		}
		e, ok := n.entry(i)
		child, isChild := n.child(i)
		switch {
		case !ok, height > 0 && !isChild:
			d.line(indent+1, "entry %d: damaged", i)
		case height > 0:
			d.line(indent+1, "from %q", e.key)
			d.node(pages, child, height-1, indent+2)
		case e.overflow:
			r := decodeRef(e.value)
			d.line(indent+1, "%q = %d bytes in run %d", e.key, r.bytes, r.no)
		default:
			d.line(indent+1, "%q = %q", e.key, e.value)
		}
	}
}

func (d *dumper) fixedNode(v FixedView, no page.No, height, indent int) {
	n, err := v.load(no, fixedKindAt(height))
	if !d.enter(no, indent, err) {
		return
	}
	d.line(indent, "%v %d: %d of %d entries", page.KindOf(n.page), no, n.count(), n.capacity())
	for i := range n.count() {
		if height > 0 {
			d.line(indent+1, "from %d", n.key(i))
			d.fixedNode(v, n.child(i), height-1, indent+2)
			continue
		}
		d.line(indent+1, "%d = %x", n.key(i), n.value(i))
	}
}
