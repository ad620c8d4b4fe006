package client

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/rookerydb/rookery/client/internal/jsonedit"
)

// Session is a unit of work: documents that are loaded, changed and saved together. It gives one pointer for one id, and knows
// what changed by comparing JSON. It belongs to one goroutine at a time and needs no end.
type Session struct {
	store    *Store
	options  SessionOptions
	turn     int // which node serves reads
	requests int

	entities []*entity               // tracked, in the order in which they came
	byID     map[string]*entity      // by idKey; those whose id the server will complete are not in it
	byDoc    map[any]*entity         // by pointer
	included map[string]*rawDocument // came beside others, not handed out yet; nil: known to be missing
	deletes  []deletion              // of documents that are not tracked
}

// entity is a document that the session tracks.
type entity struct {
	id           string // as sent when the server completes it
	doc          any    // the pointer that was handed out or stored
	changeVector string // "" of one that was never saved
	fresh        bool   // never saved
	deleted      bool
	expected     *string // what the server shall expect instead of what optimistic concurrency says

	original       []byte // as it came, without @metadata; nil when fresh
	before         []byte // doc as JSON when it came; nil when fresh
	metadata       Metadata
	metadataBefore []byte
}

// deletion is a document that shall go without having been loaded.
type deletion struct {
	id       string
	expected *string
}

// Clear forgets all documents, and what was to be done with them.
func (s *Session) Clear() {
	s.entities, s.deletes = nil, nil
	s.byID, s.byDoc = map[string]*entity{}, map[any]*entity{}
	s.included = map[string]*rawDocument{}
}

// Requests is how many requests the session has made.
func (s *Session) Requests() int { return s.requests }

// spend counts a request, and refuses it when there were too many.
func (s *Session) spend() error {
	if limit := s.options.MaxRequests; limit >= 0 && s.requests >= limit {
		return &RequestLimitError{Max: limit}
	}
	s.requests++
	return nil
}

// entityOf finds what the session knows of doc, a pointer that it handed out or was given.
func (s *Session) entityOf(doc any) (*entity, error) {
	if err := checkPointer(doc); err != nil {
		return nil, err
	}
	e, ok := s.byDoc[doc]
	if !ok {
		return nil, &UsageError{fmt.Sprintf("%T", doc), "this session has neither loaded nor stored it"}
	}
	return e, nil
}

// checkPointer refuses what cannot be tracked: identity is that of a pointer.
func checkPointer(doc any) error {
	v := reflect.ValueOf(doc)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &UsageError{fmt.Sprintf("a document of type %T", doc), "give a pointer to it that is not nil"}
	}
	return nil
}

// ID is the id of a document of this session; it ends with the separator while the server has still to complete it, and is
// empty while the server has to make it.
func (s *Session) ID(doc any) (string, error) {
	e, err := s.entityOf(doc)
	if err != nil {
		return "", err
	}
	return e.id, nil
}

// ChangeVector is the version of a document of this session as it was loaded or saved last; empty when it never was.
func (s *Session) ChangeVector(doc any) (string, error) {
	e, err := s.entityOf(doc)
	if err != nil {
		return "", err
	}
	return e.changeVector, nil
}

// Metadata is the metadata of a document of this session. Changes in the map are saved.
func (s *Session) Metadata(doc any) (Metadata, error) {
	e, err := s.entityOf(doc)
	if err != nil {
		return nil, err
	}
	return e.metadata, nil
}

// Evict forgets one document: changes of it are not saved, and the next load asks the server.
func (s *Session) Evict(doc any) error {
	e, err := s.entityOf(doc)
	if err == nil {
		s.untrack(e)
	}
	return err
}

func (s *Session) untrack(e *entity) {
	delete(s.byDoc, e.doc)
	if s.byID[idKey(e.id)] == e {
		delete(s.byID, idKey(e.id))
	}
	s.entities = slices.DeleteFunc(s.entities, func(other *entity) bool { return other == e })
}

// track begins to follow e, whose id is complete unless the server is to complete it.
func (s *Session) track(e *entity) {
	s.entities = append(s.entities, e)
	s.byDoc[e.doc] = e
	if !s.completedByServer(e.id) {
		s.byID[idKey(e.id)] = e
		delete(s.included, idKey(e.id))
	}
}

// completedByServer tells whether the server makes the final id: of an empty one, and of one that ends with the separator or |.
func (s *Session) completedByServer(id string) bool {
	if id == "" || id[len(id)-1] == '|' {
		return true
	}
	separator := s.store.config.Conventions.IDSeparator
	return len(id) >= len(separator) && id[len(id)-len(separator):] == separator
}

// remember takes the present state of e as what the server has.
func (e *entity) remember(text []byte) error {
	before, err := jsonedit.Marshal(e.doc)
	if err != nil {
		return &DecodeError{e.id, err}
	}
	about, err := e.metadata.sent()
	if err != nil {
		return &DecodeError{e.id, err}
	}
	e.original, e.before, e.metadataBefore = text, before, about
	return nil
}
