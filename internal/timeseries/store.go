package timeseries

// Source is the segments of one series in one snapshot, in the order of their keys. A result without data means that there is
// no such segment. The bytes belong to the source and are valid until the next change of its store.
type Source interface {
	// AtOrBefore returns the last segment whose key is at most key.
	AtOrBefore(key Key) (Key, []byte, error)
	// Before returns the last segment whose key is less than key.
	Before(key Key) (Key, []byte, error)
	// After returns the first segment whose key is greater than key.
	After(key Key) (Key, []byte, error)
}

// Store is a Source that can be changed.
type Store interface {
	Source
	// Put stores a copy of segment, in place of what has its key.
	Put(key Key, segment []byte) error
	// Delete removes the segment under a key; one that is not there is no error.
	Delete(key Key) error
}

// Kind says how the entries of a series are told apart.
type Kind uint8

// The kinds of series.
const (
	Plain       Kind = iota // one entry at a time
	Incremental             // one entry for each node and sign at a time; what is read is their sum
)

// key returns the place of e in a series of kind k.
func (k Kind) key(e Entry) Key {
	if k == Incremental {
		return Key{At: e.At, Tag: e.Tag}
	}
	return Key{At: e.At}
}

// found is a segment that a source gave.
type found struct {
	key     Key
	segment Segment
	ok      bool
}

// open makes a found of what a verb of Source returned.
func open(key Key, data []byte, err error) (found, error) {
	if err != nil || data == nil {
		return found{}, err
	}
	segment, err := Open(data)
	if err == nil && segment.Start() != key.At {
		err = &CorruptError{Off: startOff, Reason: "start is not that of the key, " + key.At.String()}
	}
	return found{key: key, segment: segment, ok: err == nil}, err
}

// covering returns the first segment that can have entries at key or after.
func covering(s Source, key Key) (found, error) {
	f, err := open(s.AtOrBefore(key))
	if f.ok || err != nil {
		return f, err
	}
	return open(s.After(key))
}

// lastKey returns the place of the last entry of a segment.
func (f found) lastKey(kind Kind) Key {
	key := Key{At: f.segment.End()}
	if kind == Incremental {
		key.Tag = f.segment.lastTag()
	}
	return key
}
