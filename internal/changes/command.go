package changes

import (
	"strconv"
	"strings"
)

// Command begins or ends a watch.
type Command struct {
	ID    int64 // to be confirmed with
	End   bool
	Watch Watch
}

// shape is which names a command of clients has to have.
type shape uint8

const (
	bare     shape = iota // none; a client may send an empty one
	named                 // Param is Watch.Name
	ofOne                 // Param is Watch.Of
	ofBoth                // Params are Watch.Of and Watch.Name
	numbered              // Param is the number of an operation
)

// words are the commands of clients, without the "un" of those that end a watch.
func words(word string) (WatchKind, shape, bool) {
	switch word {
	case "watch-docs":
		return AllDocuments, bare, true
	case "watch-doc":
		return ADocument, named, true
	case "watch-prefix":
		return DocumentsWithPrefix, named, true
	case "watch-collection":
		return DocumentsInCollection, named, true
	case "watch-indexes":
		return AllIndexes, bare, true
	case "watch-index":
		return AnIndex, named, true
	case "watch-operations":
		return AllOperations, bare, true
	case "watch-operation":
		return AnOperation, numbered, true
	case "watch-topology-change":
		return Topology, bare, true
	}
	return wordsOfExtensions(word)
}

func wordsOfExtensions(word string) (WatchKind, shape, bool) {
	switch word {
	case "watch-counters":
		return AllCounters, bare, true
	case "watch-counter":
		return ACounter, named, true
	case "watch-document-counters":
		return CountersOfDocument, ofOne, true
	case "watch-document-counter":
		return CounterOfDocument, ofBoth, true
	case "watch-all-timeseries":
		return AllTimeSeries, bare, true
	case "watch-timeseries":
		return ATimeSeries, named, true
	case "watch-all-document-timeseries":
		return TimeSeriesOfDocument, ofOne, true
	case "watch-document-timeseries":
		return ATimeSeriesOfDocument, ofBoth, true
	}
	return 0, 0, false
}

// ParseCommand reads a command of a client: its word, and what came as Param and Params. *CommandError.
//
// An empty word ends the watch of the topology: that is how Node.js clients end it.
func ParseCommand(id int64, word, param string, params []string) (Command, error) {
	c := Command{ID: id}
	if word == "" {
		c.End, c.Watch.Kind = true, Topology
		return c, nil
	}
	begin, end := strings.CutPrefix(word, "un")
	kind, shape, ok := words(begin)
	if !ok {
		return c, &CommandError{Command: word, Why: "there is no such command"}
	}
	c.End, c.Watch.Kind = end, kind
	why := c.Watch.setNames(shape, param, params)
	if why == "" && (len(c.Watch.Name) > NameBytesMax || len(c.Watch.Of) > NameBytesMax) {
		why = "a name has 512 bytes at most"
	}
	if why != "" {
		return c, &CommandError{Command: word, Why: why}
	}
	return c, nil
}

// setNames takes the names that a command of that shape has; why says what is wrong with them.
func (w *Watch) setNames(s shape, param string, params []string) (why string) {
	switch s {
	case bare:
	case named:
		w.Name = param
	case ofOne:
		w.Of = param
	case ofBoth:
		if len(params) != 2 || params[0] == "" || params[1] == "" {
			return "Params must be the id of a document, and a name"
		}
		w.Of, w.Name = params[0], params[1]
	case numbered:
		n, err := strconv.ParseInt(param, 10, 64)
		if err != nil {
			return "Param must be the number of an operation"
		}
		w.Name = strconv.FormatInt(n, 10)
	}
	if (s == named || s == ofOne) && param == "" {
		return "Param is missing"
	}
	return ""
}
