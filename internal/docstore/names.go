package docstore

import "sync/atomic"

// names keeps the names of collections as strings, so that reading a document does not make one each time. Readers take
// no lock: the map is replaced whole, never changed.
type names struct {
	known atomic.Pointer[map[string]string]
}

// of returns b as a string.
func (n *names) of(b []byte) string {
	known := n.known.Load()
	if known != nil {
		if s, ok := (*known)[string(b)]; ok {
			return s
		}
	}
	s := string(b)
	n.add(known, s)
	return s
}

// add puts s beside what was known. When somebody else was quicker it is left out: the next reader tries again.
func (n *names) add(known *map[string]string, s string) {
	next := map[string]string{s: s}
	if known != nil {
		if len(*known) >= namesMax {
			return
		}
		for name := range *known {
			next[name] = name
		}
	}
	n.known.CompareAndSwap(known, &next)
}
