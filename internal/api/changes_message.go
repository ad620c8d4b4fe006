package api

import (
	"time"

	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/operation"
)

// append appends one change to the message: an array, whose end comes when it is sent.
func (f *changesFeed) append(c changes.Change) error {
	switch c := c.(type) {
	case changes.Document:
		f.appendDocument(c)
	case changes.Counter:
		f.appendCounter(c)
	case changes.TimeSeries:
		f.appendTimeSeries(c)
	case changes.Index:
		f.begin(`{"Type":"IndexChange","Value":{"Type":`)
		f.message.quote(string(c.Act))
		f.member(`,"Name":`, c.Name)
		f.message.str(`}}`)
	case changes.Operation:
		s, err := f.operations.Status(f.db.Name(), operation.ID(c.ID))
		if err != nil || s.StartedAt.IsZero() {
			return nil // there is none, or it has ended long ago, or nothing but its id is known yet
		}
		return f.appendOperation(s)
	case changes.Confirmation:
		f.begin(`{"Type":"Confirm","CommandId":`)
		f.message.int(c.CommandID)
		f.message.str(`}`)
	}
	return nil
}

// begin begins an element of the array with text.
func (f *changesFeed) begin(text string) {
	if len(f.message.body) == 0 {
		f.message.str(`[`)
	} else {
		f.message.str(`,`)
	}
	f.message.str(text)
}

func (f *changesFeed) member(name, value string) {
	f.message.str(name)
	f.message.quote(value)
}

func (f *changesFeed) appendDocument(c changes.Document) {
	f.begin(`{"Type":"DocumentChange","Value":{"Type":`)
	f.message.quote(string(c.Act))
	f.member(`,"Id":`, c.ID)
	f.member(`,"CollectionName":`, c.Collection)
	f.member(`,"ChangeVector":`, c.ChangeVector)
	f.message.str(`}}`)
}

func (f *changesFeed) appendCounter(c changes.Counter) {
	f.begin(`{"Type":"CounterChange","Value":{"Type":`)
	f.message.quote(string(c.Act))
	f.member(`,"Name":`, c.Name)
	f.message.member(`,"Value":`, c.Value)
	f.appendOwner(c.DocumentID, c.Collection, c.ChangeVector)
}

func (f *changesFeed) appendTimeSeries(c changes.TimeSeries) {
	f.begin(`{"Type":"TimeSeriesChange","Value":{"Type":`)
	f.message.quote(string(c.Act))
	f.member(`,"Name":`, c.Name)
	f.message.str(`,"From":`)
	f.appendBound(c.From)
	f.message.str(`,"To":`)
	f.appendBound(c.To)
	f.appendOwner(c.DocumentID, c.Collection, c.ChangeVector)
}

// appendOwner ends a change of what belongs to a document.
func (f *changesFeed) appendOwner(id, collection, changeVector string) {
	f.member(`,"DocumentId":`, id)
	f.member(`,"CollectionName":`, collection)
	f.member(`,"ChangeVector":`, changeVector)
	f.message.str(`}}`)
}

// appendBound appends the first or last instant of a range; null when it has none.
func (f *changesFeed) appendBound(t time.Time) {
	if t.IsZero() {
		f.message.str(`null`)
		return
	}
	f.message.str(`"`)
	f.message.body = docstore.AppendTime(f.message.body, t)
	f.message.str(`"`)
}

// appendOperation appends how an operation stands.
func (f *changesFeed) appendOperation(s operation.Status) error {
	f.begin(`{"Type":"OperationStatusChange","Value":{"OperationId":`)
	f.message.int(int64(s.ID))
	f.message.str(`,"State":`)
	if err := f.message.operationState(s); err != nil {
		return err
	}
	f.message.str(`}}`)
	return nil
}
