package flattrie

import (
	"bytes"
	"iter"
)

// All yields every key and its value, in the order of the bytes. The key is valid until the next one.
func (v View) All() iter.Seq2[[]byte, uint64] { return v.From(nil) }

// From yields the keys that are not less than from, and their values, in the order of the bytes. The key is valid until the
// next one. What begins with a prefix comes first when from is that prefix; the caller stops behind it.
func (v View) From(from []byte) iter.Seq2[[]byte, uint64] {
	return func(yield func([]byte, uint64) bool) {
		s := scan{view: v, yield: yield}
		s.node(v.node(rootLink), from)
	}
}

// scan is one walk over keys in order.
type scan struct {
	view  View
	key   []byte // of the node in hand
	yield func([]byte, uint64) bool
}

// node yields the keys of n and below it that are not less than the key so far followed by rest. It goes down as deep as keys are
// long, and returns false when the consumer wants no more.
func (s *scan) node(n node, rest []byte) bool {
	edge := s.view.edge(n)
	same := commonBytes(edge, rest)
	if same < len(edge) && same < len(rest) {
		if edge[same] < rest[same] {
			return true // all of them are less
		}
		rest = nil
	}
	rest = rest[min(len(edge), len(rest)):]
	base := len(s.key)
	s.key = append(s.key, edge...)
	if len(rest) == 0 && n.hasValue() && !s.yield(s.key, s.view.value(n)) {
		return false
	}
	if !s.children(n, rest) {
		return false
	}
	s.key = s.key[:base]
	return true
}

func (s *scan) children(n node, rest []byte) bool {
	labels, first := s.view.labels(n), 0
	if len(rest) > 0 {
		first = lowerBound(labels, rest[0])
	}
	for i := first; i < n.children; i++ {
		below := rest[:0]
		if len(rest) > 0 && labels[i] == rest[0] {
			below = rest[1:]
		}
		s.key = append(s.key, labels[i])
		if !s.node(s.view.node(n.linkOff(i)), below) {
			return false
		}
		s.key = s.key[:len(s.key)-1]
	}
	return true
}

// lowerBound returns the place of the first label that is not less than label.
func lowerBound(labels []byte, label byte) int {
	if i := bytes.IndexByte(labels, label); i >= 0 {
		return i
	}
	i := 0
	for i < len(labels) && labels[i] < label {
		i++
	}
	return i
}
