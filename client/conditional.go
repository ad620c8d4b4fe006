package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// Version is what LoadIfChanged found.
type Version[T any] struct {
	Doc          *T     // nil when the document did not change, or is not there
	ChangeVector string // of the document now; empty when it is not there
	Missing      bool
}

// LoadIfChanged gets a document only if its change vector is not the given one any more. The value is not tracked.
func LoadIfChanged[T any](ctx context.Context, s *Session, id, changeVector string) (Version[T], error) {
	if err := s.spend(); err != nil {
		return Version[T]{}, err
	}
	c := loadCall([]string{id}, nil, s.turn)
	c.cacheable, c.ifNoneMatch = false, changeVector
	a, err := s.store.do(ctx, c)
	if err != nil {
		return Version[T]{}, err
	}
	if a.status == http.StatusNotModified {
		return Version[T]{ChangeVector: changeVector}, nil
	}
	found, err := parseLoad([]string{id}, a)
	if err != nil {
		return Version[T]{}, err
	}
	d := found.results[0]
	if d == nil {
		return Version[T]{Missing: true}, nil
	}
	doc, err := decode[T](s, d)
	return Version[T]{Doc: doc, ChangeVector: d.changeVector}, err
}

// Exists tells whether there is a document of that id now. It asks the server, whatever the session has.
func (s *Session) Exists(ctx context.Context, id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	if err := s.spend(); err != nil {
		return false, err
	}
	a, err := s.store.do(ctx, &call{method: http.MethodHead, path: "/docs", query: url.Values{"id": {id}}, effect: reads, turn: s.turn})
	if err != nil {
		return false, err
	}
	return a.found(), nil
}

// Refresh reads a document of this session again, into the same value; what was changed in it is lost. ok is false when it is not
// there any more: the value stays as it is, and is no longer tracked.
func (s *Session) Refresh(ctx context.Context, doc any) (ok bool, err error) {
	e, err := s.entityOf(doc)
	if err != nil {
		return false, err
	}
	if e.fresh {
		return false, &UsageError{"a document that was never saved", "there is nothing to read yet"}
	}
	found, err := s.fetch(ctx, []string{e.id}, nil)
	if err != nil {
		return false, err
	}
	d := found.results[0]
	if d == nil {
		s.untrack(e)
		return false, nil
	}
	if err := clearValue(doc); err != nil {
		return false, err
	}
	if err := json.Unmarshal(d.text, doc); err != nil {
		return false, &DecodeError{e.id, err}
	}
	e.id, e.changeVector, e.metadata, e.deleted, e.expected = d.id, d.changeVector, d.metadata, false, nil
	return true, errors.Join(s.store.config.Conventions.setID(doc, d.id), e.remember(d.text))
}
