package storage

import "sync/atomic"

// knownMax is how many structures a snapshot remembers: those of a store of documents. Others are looked up each time.
const knownMax = 16

// known holds structures of one snapshot that readers looked up in its catalog: two lookups in the catalog for each row cost a
// fifth of a point read. A place is filled once and never changes, so that readers need no lock. Names that stand for
// nothing are not kept: somebody may ask for many of them.
type known [knownMax]knownStructure

type knownStructure struct {
	filling, ready atomic.Bool // ready after the fields below are written
	name           string
	state          structureState
}

// find returns the state of the structure called name as tx's catalog has it; nil when it stands for nothing.
func (k *known) find(tx *ReadTx, name string) (*structureState, error) {
	place := 0
	for ; place < knownMax && k[place].filling.Load(); place++ {
		if one := &k[place]; one.ready.Load() && one.name == name {
			return &one.state, nil
		}
	}
	s, found, err := structureOf(tx.catalogView(), name)
	if err != nil || !found {
		return nil, err
	}
	for ; place < knownMax; place++ {
		one := &k[place]
		if !one.filling.Swap(true) { // two readers may keep the same name twice: it costs a place
			one.name, one.state = name, s
			one.ready.Store(true)
			return &one.state, nil
		}
	}
	return &s, nil
}

// structure returns the state of the structure called name; nil when it stands for nothing.
func (tx *ReadTx) structure(name string) (*structureState, error) {
	k := tx.snap.known.Load()
	if k == nil {
		k = new(known) // on the first look at a snapshot: most are never read
		if !tx.snap.known.CompareAndSwap(nil, k) {
			k = tx.snap.known.Load()
		}
	}
	return k.find(tx, name)
}
