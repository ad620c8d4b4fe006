package timeseries

import (
	"iter"
	"math"
	"strings"
)

// In an incremental series a node has two entries at a time: what it added, and what it took away. The first only grows, the
// second only falls, so that of two copies of one of them the one further from zero is newer, value by value. This is the
// PN-counter of Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types", INRIA 2011, 3.1.3.
const (
	addedTag = "TC:INC-" // then the tag of the node
	takenTag = "TC:DEC-"
	sumTag   = "TC:INC" // of a sum as it is read
)

// increments returns the entries that add e's values to those of a node, at e's time.
func increments(node string, e Entry) []Entry {
	added, taken := make([]float64, len(e.Values)), make([]float64, len(e.Values))
	takes, adds := false, false
	for i, v := range e.Values {
		if v < 0 {
			taken[i], takes = v, true
		} else {
			added[i], adds = v, true
		}
	}
	var list []Entry
	if takes {
		list = append(list, Entry{At: e.At, Values: taken, Tag: takenTag + node})
	}
	if adds {
		list = append(list, Entry{At: e.At, Values: added, Tag: addedTag + node})
	}
	return list
}

// checkIncrement refuses what cannot be added up.
func checkIncrement(node string, e Entry) error {
	if node == "" || len(addedTag)+len(node) > TagBytesMax {
		return invalidf("the tag of a node has %d bytes: 1 to %d are allowed", len(node), TagBytesMax-len(addedTag))
	}
	if e.Tag != "" || e.Dead {
		return invalidf("an increment has no tag: its node is its tag")
	}
	for _, v := range e.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return invalidf("the increment at %s is no finite number", e.At)
		}
	}
	return e.check()
}

// sum adds the values of two entries of one node, in place of an old one that is dead.
func sum(old, added Entry) Entry {
	if !old.Dead {
		added.Values = addValues(append([]float64(nil), old.Values...), added.Values)
	}
	return added
}

// addValues adds b to a, place by place; the shorter list counts as ending in zeros. It may change a.
func addValues(a, b []float64) []float64 {
	for i, v := range b {
		if i < len(a) {
			a[i] += v
		} else {
			a = append(a, v)
		}
	}
	return a
}

// further merges two copies of a node's entry: the dead one wins, else each value is the one further from zero.
func further(a, b Entry) Entry {
	if a.Dead || b.Dead {
		return newer(a, b)
	}
	if len(a.Values) < len(b.Values) {
		a, b = b, a
	}
	a = a.Clone()
	for i, v := range b.Values {
		if math.Abs(v) > math.Abs(a.Values[i]) {
			a.Values[i] = v
		}
	}
	return a
}

// Sum is what an incremental series says at one time.
type Sum struct {
	Entry                      // the sums, with a tag of its own kind
	Nodes map[string][]float64 // what each node added, less what it took away, by the tag of the node
}

// Sums yields what an incremental series says from one time to another, both included. Values are the reader's to keep. It ends after
// its first error.
func (v View) Sums(from, to Instant) iter.Seq2[Sum, error] {
	return func(yield func(Sum, error) bool) {
		var sum Sum
		for e, err := range v.Range(from, to) {
			if err != nil {
				yield(Sum{}, err)
				return
			}
			if sum.Nodes != nil && sum.At != e.At {
				if !yield(sum, nil) {
					return
				}
				sum = Sum{}
			}
			sum.take(e)
		}
		if sum.Nodes != nil {
			yield(sum, nil)
		}
	}
}

func (s *Sum) take(e Entry) {
	if s.Nodes == nil {
		*s = Sum{Entry: Entry{At: e.At, Tag: sumTag}, Nodes: map[string][]float64{}}
	}
	s.Values = addValues(s.Values, e.Values)
	node := strings.TrimPrefix(strings.TrimPrefix(e.Tag, addedTag), takenTag)
	s.Nodes[node] = addValues(s.Nodes[node], e.Values)
}

// plainSums leaves the nodes out.
func plainSums(sums iter.Seq2[Sum, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for s, err := range sums {
			if !yield(s.Entry, err) {
				return
			}
		}
	}
}
