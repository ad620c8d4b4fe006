package changes

import "slices"

// Watch says what somebody wants to hear of. Case does not matter in its names.
type Watch struct {
	Kind WatchKind
	Name string // of the thing: an id, a prefix, a collection, an index, an operation's number, a counter, a series; "" for all of a kind
	Of   string // the document of a counter or series, where only that one's are watched
}

// WatchKind is a way to choose changes.
type WatchKind uint8

// The kinds of watches.
const (
	AllDocuments WatchKind = iota
	ADocument
	DocumentsWithPrefix
	DocumentsInCollection
	AllIndexes
	AnIndex
	AllOperations
	AnOperation
	AllCounters
	ACounter           // of that name, of any document
	CountersOfDocument // Of, any name
	CounterOfDocument  // Of and Name
	AllTimeSeries
	ATimeSeries
	TimeSeriesOfDocument
	ATimeSeriesOfDocument
	Topology // which node of several holds the database: told apart from changes

	watchKinds = int(Topology) + 1
)

// watches are those of one subscription, with their names folded.
type watches struct {
	set     map[Watch]struct{}
	counts  [watchKinds]int
	lengths []prefixLength // shortest first
}

// prefixLength is a length that prefixes have, so that an id is looked up once for each length, and not compared with each prefix.
type prefixLength struct{ bytes, count int }

// add adds w, unless it is there. It is false when there is no room.
func (ws *watches) add(w Watch) bool {
	w.Name, w.Of = fold(w.Name), fold(w.Of)
	if _, ok := ws.set[w]; ok {
		return true
	}
	if len(ws.set) >= watchesMax {
		return false
	}
	if ws.set == nil {
		ws.set = map[Watch]struct{}{}
	}
	ws.set[w] = struct{}{}
	ws.counts[w.Kind]++
	if w.Kind == DocumentsWithPrefix {
		ws.countPrefix(len(w.Name), 1)
	}
	return true
}

// remove removes w, if it is there.
func (ws *watches) remove(w Watch) {
	w.Name, w.Of = fold(w.Name), fold(w.Of)
	if _, ok := ws.set[w]; !ok {
		return
	}
	delete(ws.set, w)
	ws.counts[w.Kind]--
	if w.Kind == DocumentsWithPrefix {
		ws.countPrefix(len(w.Name), -1)
	}
}

func (ws *watches) countPrefix(bytes, by int) {
	i, ok := slices.BinarySearchFunc(ws.lengths, bytes, func(l prefixLength, n int) int { return l.bytes - n })
	if !ok {
		ws.lengths = slices.Insert(ws.lengths, i, prefixLength{bytes: bytes})
	}
	ws.lengths[i].count += by
	if ws.lengths[i].count == 0 {
		ws.lengths = slices.Delete(ws.lengths, i, i+1)
	}
}

// match says whether any watch wants to hear of s.
func (ws *watches) match(s *subject) bool {
	switch s.family {
	case documents:
		return ws.counts[AllDocuments] > 0 || ws.has(ADocument, s.document, "") || ws.has(DocumentsInCollection, s.collection, "") ||
			ws.hasPrefixOf(s.document)
	case counters:
		return ws.counts[AllCounters] > 0 || ws.has(ACounter, s.name, "") || ws.has(CountersOfDocument, "", s.document) ||
			ws.has(CounterOfDocument, s.name, s.document)
	case timeSeries:
		return ws.counts[AllTimeSeries] > 0 || ws.has(ATimeSeries, s.name, "") || ws.has(TimeSeriesOfDocument, "", s.document) ||
			ws.has(ATimeSeriesOfDocument, s.name, s.document)
	case indexes:
		return ws.counts[AllIndexes] > 0 || ws.has(AnIndex, s.name, "")
	case operations:
		return ws.counts[AllOperations] > 0 || ws.has(AnOperation, s.name, "")
	default:
		return false
	}
}

func (ws *watches) has(kind WatchKind, name, of string) bool {
	if ws.counts[kind] == 0 {
		return false
	}
	_, ok := ws.set[Watch{Kind: kind, Name: name, Of: of}]
	return ok
}

// hasPrefixOf says whether a prefix of id is watched.
func (ws *watches) hasPrefixOf(id string) bool {
	for _, l := range ws.lengths {
		if l.bytes > len(id) {
			return false
		}
		if ws.has(DocumentsWithPrefix, id[:l.bytes], "") {
			return true
		}
	}
	return false
}
