package flattrie

import "bytes"

// View is a trie for reading. Any number of goroutines may use it at the same time.
type View struct{ buf []byte }

// Open returns a view of a buffer that Bytes gave. It keeps buf, which must not be changed any more.
//
// Everything is checked first, so no bytes make the view panic: *CorruptError tells what is wrong.
func Open(buf []byte) (View, error) {
	v := View{buf: buf}
	for err := range v.Check() {
		return View{}, err
	}
	return v, nil
}

// Bytes returns the buffer: what Open takes. It is to be read only.
func (v View) Bytes() []byte { return v.buf[:v.used()] }

// Len returns how many keys there are.
func (v View) Len() int { return v.number(keysOff) }

// Get returns the value of key.
func (v View) Get(key []byte) (value uint64, ok bool) {
	p := v.seek(key)
	if p.Match != Exact {
		return 0, false
	}
	return v.value(v.node(p.link)), true
}

// Find goes down along key as far as the trie does, and tells where it stopped, and why.
func (v View) Find(key []byte) Place { return v.seek(key) }

// Value returns the value at a place that Find gave on the same view; false when the key was not found.
func (v View) Value(p Place) (value uint64, ok bool) {
	if p.Match != Exact {
		return 0, false
	}
	return v.value(v.node(p.link)), true
}

func (v View) used() int { return v.number(usedOff) }

// Match says how a search for a key ended.
type Match uint8

// The ways in which a search ends. All but Exact mean that the key is not in the trie.
const (
	Exact      Match = iota // the key is there
	NoValue                 // the key leads to a node, but only longer keys go through it
	EndsInEdge              // the key ends within an edge: it is the start of longer keys
	LeavesEdge              // within an edge, the key goes on with another byte
	NoChild                 // behind a node, the key goes on with a byte that no child has
)

var matchNames = [...]string{"exact", "no value", "ends in edge", "leaves edge", "no child"}

func (m Match) String() string {
	if int(m) < len(matchNames) {
		return matchNames[m]
	}
	return "unknown"
}

// Place is where a search for a key ended: the closest node, and what is common. An insert goes on from it.
type Place struct {
	Match     Match
	KeyBytes  int // so many bytes of the key are in the trie, as the start of this or another key
	EdgeBytes int // so many of them on the edge of the closest node
	Depth     int // how many nodes are above the closest one

	link       int // where the link to the closest node stands
	parentLink int // where the link to its parent stands; 0 for the root
	keySize    int
	changes    uint64 // of the trie, when the place was found
}

// seek is the one way down. It reads each node's head once, with its fields in registers: a descent is a few nodes, and most
// of its time is waiting for them.
func (v View) seek(key []byte) Place {
	p := Place{link: rootLink, keySize: len(key)}
	for {
		n := v.node(p.link)
		linksOff := n.linksOff()
		if n.edgeBytes > 0 {
			edge := v.buf[linksOff+n.room()*linkBytes:][:n.edgeBytes]
			p.EdgeBytes = commonBytes(edge, key[p.KeyBytes:])
			p.KeyBytes += p.EdgeBytes
			if p.EdgeBytes < n.edgeBytes {
				p.Match = LeavesEdge
				if p.KeyBytes == len(key) {
					p.Match = EndsInEdge
				}
				return p
			}
		} else {
			p.EdgeBytes = 0
		}
		if p.KeyBytes == len(key) {
			p.Match = NoValue
			if n.hasValue() {
				p.Match = Exact
			}
			return p
		}
		i := labelPlace(v.buf[linksOff-n.room():][:n.children], key[p.KeyBytes])
		if i < 0 {
			p.Match = NoChild
			return p
		}
		p.parentLink, p.link = p.link, linksOff+i*linkBytes
		p.KeyBytes++
		p.Depth++
	}
}

// labelPlace returns the place of label, -1 if it is not there. Few labels are compared faster than a function is called.
func labelPlace(labels []byte, label byte) int {
	if len(labels) > 8 {
		return bytes.IndexByte(labels, label)
	}
	for i, l := range labels {
		if l == label {
			return i
		}
	}
	return -1
}

// commonBytes returns how many bytes a and b begin with in common.
func commonBytes(a, b []byte) int {
	n := min(len(a), len(b))
	if n > 16 && bytes.Equal(a[:n], b[:n]) {
		return n
	}
	a, b = a[:n], b[:n]
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
