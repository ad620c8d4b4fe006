package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/rookerydb/rookery/client/internal/jsonedit"
)

// command is one entry of a batch, with what its result means for the session.
type command struct {
	json    []byte
	entity  *entity // nil of a deletion by id
	text    []byte  // the document as it is sent, without @metadata; nil of a deletion
	deleted bool
}

// batchResult is what the server says of one command.
type batchResult struct {
	ID           string `json:"@id"`
	ChangeVector string `json:"@change-vector"`
	Collection   string `json:"@collection"`
	LastModified string `json:"@last-modified"`
}

// SaveChanges sends all that was stored, changed and deleted as one transaction: all of it happens, or nothing. Without changes
// it sends nothing.
//
// When it fails the session keeps its changes, and SaveChanges may be called again. After an *UncertainError that may give a
// *ConcurrencyError, of the first call's own doing.
func (s *Session) SaveChanges(ctx context.Context) error {
	commands, err := s.commands()
	if err != nil || len(commands) == 0 {
		return err
	}
	if err := s.spend(); err != nil {
		return err
	}
	a, err := s.store.do(ctx, &call{method: http.MethodPost, path: "/bulk_docs", body: batchBody(commands), effect: once})
	if err != nil {
		return err
	}
	var body struct {
		Results          []batchResult
		TransactionIndex int64
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		return &AnswerError{a.url, err}
	}
	if len(body.Results) != len(commands) {
		return &AnswerError{a.url, fmt.Errorf("%d results for %d commands", len(body.Results), len(commands))}
	}
	s.store.noteRaftIndex(body.TransactionIndex)
	return s.saved(commands, body.Results)
}

// commands lists what has to be sent: deletions first, so that others may take their place.
func (s *Session) commands() ([]command, error) {
	var deletes, puts []command
	for _, d := range s.deletes {
		deletes = append(deletes, command{json: deleteJSON(d.id, d.expected), deleted: true})
	}
	for _, e := range s.entities {
		if e.deleted {
			deletes = append(deletes, command{json: deleteJSON(e.id, s.expected(e)), entity: e, deleted: true})
			continue
		}
		changed, err := e.changed()
		if err != nil {
			return nil, err
		}
		if changed {
			put, err := s.put(e)
			if err != nil {
				return nil, err
			}
			puts = append(puts, put)
		}
	}
	return append(deletes, puts...), nil
}

// expected is the change vector that the server shall find; nil for any.
func (s *Session) expected(e *entity) *string {
	if e.fresh || e.expected != nil {
		return e.expected
	}
	if s.options.LastWriteWins {
		return nil
	}
	return &e.changeVector
}

func deleteJSON(id string, expected *string) []byte {
	out := jsonedit.AppendString([]byte(`{"Type":"DELETE","Id":`), id)
	return append(appendExpected(out, expected), '}')
}

func appendExpected(out []byte, expected *string) []byte {
	if expected == nil {
		return append(out, `,"ChangeVector":null`...)
	}
	return jsonedit.AppendString(append(out, `,"ChangeVector":`...), *expected)
}

// put makes the command that saves e: its own members over those of the document that the type does not know.
func (s *Session) put(e *entity) (command, error) {
	text, about, err := e.now()
	if err != nil {
		return command{}, err
	}
	if e.original != nil {
		text, err = jsonedit.Overlay(e.original, e.before, text)
	}
	if err != nil {
		return command{}, &DecodeError{e.id, err}
	}
	members, err := jsonedit.ParseObject(text)
	if err != nil {
		return command{}, &DecodeError{e.id, err}
	}
	members, _ = members.Without(metaKey)
	out := jsonedit.AppendString([]byte(`{"Type":"PUT","Id":`), e.id)
	out = append(appendExpected(out, s.expected(e)), `,"Document":`...)
	out = append(members, jsonedit.Member{Name: metaKey, Value: about}).Append(out)
	return command{json: append(out, '}'), entity: e, text: text}, nil
}

func batchBody(commands []command) []byte {
	out := []byte(`{"Commands":[`)
	for i, c := range commands {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, c.json...)
	}
	return append(out, `]}`...)
}

// saved takes over what the server made of the batch.
func (s *Session) saved(commands []command, results []batchResult) error {
	s.deletes = nil
	for i, c := range commands {
		switch {
		case c.deleted && c.entity != nil:
			s.untrack(c.entity)
			s.included[idKey(c.entity.id)] = nil
		case !c.deleted:
			if err := s.savedPut(c, results[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Session) savedPut(c command, r batchResult) error {
	e := c.entity
	if s.completedByServer(e.id) {
		e.id = r.ID
		s.byID[idKey(e.id)] = e
		if err := s.store.config.Conventions.setID(e.doc, e.id); err != nil {
			return err
		}
	}
	e.fresh, e.expected, e.changeVector = false, nil, r.ChangeVector
	for name, value := range map[string]string{
		metaID: e.id, metaChangeVector: r.ChangeVector, metaCollection: r.Collection, metaLastModified: r.LastModified,
	} {
		if value != "" {
			e.metadata[name] = value
		}
	}
	return e.remember(c.text)
}
