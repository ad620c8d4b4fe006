package changes

import (
	"strconv"
	"strings"
	"time"
)

// Change is one thing that happened: a Document, Counter, TimeSeries, Index, Operation, or the Confirmation of a command. A change
// is not changed any more once it is published.
type Change interface {
	subject() subject
	sizeBytes() int // about, in a queue
}

// Act is what happened to a thing, by the name that clients know.
type Act string

// The acts. Those of documents, counters and time series come first; the others are of indexes.
const (
	Put       Act = "Put"
	Delete    Act = "Delete"
	Increment Act = "Increment" // of a counter that was there
	Mixed     Act = "Mixed"     // values were appended to a time series, and others deleted

	BatchCompleted    Act = "BatchCompleted"
	IndexAdded        Act = "IndexAdded"
	IndexRemoved      Act = "IndexRemoved"
	IndexErrored      Act = "IndexMarkedAsErrored"
	IndexIdle         Act = "IndexDemotedToIdle"
	IndexAwake        Act = "IndexPromotedFromIdle"
	IndexDisabled     Act = "IndexDemotedToDisabled"
	IndexPaused       Act = "IndexPaused"
	IndexReplaced     Act = "SideBySideReplace"
	IndexRenamed      Act = "Renamed"
	LockModeChanged   Act = "LockModeChanged"
	PriorityChanged   Act = "PriorityChanged"
	RollingIndexMoved Act = "RollingIndexChanged"
)

// Document tells of a document that was written or deleted.
type Document struct {
	Act          Act
	ID           string
	Collection   string
	ChangeVector string // of the document, or of what is left of it
}

// Counter tells of a counter of a document.
type Counter struct {
	Act          Act
	Name         string
	Value        int64 // in total; 0 after a delete
	DocumentID   string
	Collection   string
	ChangeVector string
}

// TimeSeries tells of a time series of a document.
type TimeSeries struct {
	Act          Act
	Name         string
	From, To     time.Time // of what was appended or deleted; zero: without bound
	DocumentID   string
	Collection   string
	ChangeVector string
}

// Index tells of an index.
type Index struct {
	Act  Act
	Name string
}

// Operation tells that an operation began or ended. How it stands is for the reader to look up when it says so to somebody: what
// is reported often shall not be queued as often.
type Operation struct{ ID int64 }

// Confirmation tells a client that its command was carried out: what was queued before it was matched without the command,
// what comes after it with it.
type Confirmation struct{ CommandID int64 }

// subject is what watches are compared with: which thing a change is about, without regard to case.
type subject struct {
	family               family
	document, collection string
	name                 string
}

// family is a sort of things that have watches of their own.
type family uint8

const (
	nothing family = iota
	documents
	counters
	timeSeries
	indexes
	operations
)

// fold is the form in which names are compared: Unicode's simple lower case, as ids of documents are.
func fold(s string) string { return strings.ToLower(s) }

func (c Document) subject() subject {
	return subject{family: documents, document: fold(c.ID), collection: fold(c.Collection)}
}

func (c Counter) subject() subject {
	return subject{family: counters, document: fold(c.DocumentID), name: fold(c.Name)}
}

func (c TimeSeries) subject() subject {
	return subject{family: timeSeries, document: fold(c.DocumentID), name: fold(c.Name)}
}

func (c Index) subject() subject { return subject{family: indexes, name: fold(c.Name)} }

func (c Operation) subject() subject {
	return subject{family: operations, name: strconv.FormatInt(c.ID, 10)}
}

func (Confirmation) subject() subject { return subject{} }

const (
	slotBytes = 16 // of a queue
	textBytes = 16 // of a string, beside its characters
)

func (c Document) sizeBytes() int {
	return slotBytes + 4*textBytes + len(c.ID) + len(c.Collection) + len(c.ChangeVector)
}

func (c Counter) sizeBytes() int {
	return slotBytes + 6*textBytes + len(c.Name) + len(c.DocumentID) + len(c.Collection) + len(c.ChangeVector)
}

func (c TimeSeries) sizeBytes() int {
	return slotBytes + 8*textBytes + len(c.Name) + len(c.DocumentID) + len(c.Collection) + len(c.ChangeVector)
}

func (c Index) sizeBytes() int { return slotBytes + 2*textBytes + len(c.Name) }

func (Operation) sizeBytes() int { return slotBytes + 8 }

func (Confirmation) sizeBytes() int { return slotBytes + 8 }
