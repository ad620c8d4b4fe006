package client

import (
	"context"
	"fmt"
	"reflect"
)

// StoreOption changes what Session.Store does.
type StoreOption func(*storeSettings)

type storeSettings struct {
	expected   *string
	collection string
	serverID   bool
}

// Overwrite stores whatever is there under the id.
func Overwrite() StoreOption { return func(o *storeSettings) { o.expected = nil } }

// ExpectChangeVector stores only over that version; "" stands for no document. It is for work that goes on in another session:
// a change vector that went to a form and came back.
func ExpectChangeVector(changeVector string) StoreOption {
	return func(o *storeSettings) { o.expected = &changeVector }
}

// InCollection stores a new document in that collection, whatever its type.
func InCollection(name string) StoreOption { return func(o *storeSettings) { o.collection = name } }

// ServerID lets the server make the id of a document that has none, a GUID. It is known after SaveChanges.
func ServerID() StoreOption { return func(o *storeSettings) { o.serverID = true } }

// Store notes that doc, a pointer, shall be saved under id. An empty id is taken from doc's field for it; when that is
// empty too, the store makes one, such as users/1-A, at once. An id that ends with "/" is completed by the server when it is
// saved. A document that is tracked already needs no Store.
//
// Under optimistic concurrency there must be no document of that id; Overwrite and ExpectChangeVector say otherwise.
func (s *Session) Store(ctx context.Context, doc any, id string, options ...StoreOption) error {
	if err := checkPointer(doc); err != nil {
		return err
	}
	id, err := s.givenID(doc, id)
	if err != nil {
		return err
	}
	if e, ok := s.byDoc[doc]; ok {
		return e.storeAgain(id)
	}
	o := s.storeSettings(options)
	e := &entity{doc: doc, fresh: true, expected: o.expected, metadata: Metadata{}}
	if name := s.collectionOf(doc, o); name != "" {
		e.metadata[metaCollection] = name
	}
	if id == "" && !o.serverID {
		if id, err = s.makeID(ctx, e.metadata.Collection()); err != nil {
			return err
		}
	}
	if err := s.mayTake(id); err != nil {
		return err
	}
	e.id = id
	if s.completedByServer(id) {
		e.expected = nil // whatever number the server takes is free
	}
	s.track(e)
	return s.store.config.Conventions.setID(doc, id)
}

// storeSettings are the options over what the session says.
func (s *Session) storeSettings(options []StoreOption) storeSettings {
	var o storeSettings
	if !s.options.LastWriteWins {
		none := ""
		o.expected = &none
	}
	for _, option := range options {
		option(&o)
	}
	return o
}

// givenID is the id that the caller names, in the argument or in doc.
func (s *Session) givenID(doc any, id string) (string, error) {
	field, ok, err := s.store.config.Conventions.idOf(doc)
	if err != nil {
		return "", err
	}
	if id == "" && ok {
		id = field.String()
	}
	if len(id) > idBytesMax {
		return "", &UsageError{"an id of " + fmt.Sprint(len(id)) + " bytes", fmt.Sprintf("ids have at most %d", idBytesMax)}
	}
	return id, nil
}

// storeAgain is Store of a document that is tracked: only the id could be wrong.
func (e *entity) storeAgain(id string) error {
	if e.deleted {
		return &UsageError{"document " + e.id, "it was deleted in this session: save first"}
	}
	if id != "" && !sameID(id, e.id) {
		return &UsageError{"document " + e.id, "a document keeps its id: Evict it to store it as " + id}
	}
	return nil
}

func (s *Session) collectionOf(doc any, o storeSettings) string {
	if o.collection != "" {
		return o.collection
	}
	return s.store.config.Conventions.Collection(reflect.TypeOf(doc).Elem())
}

// makeID makes the id of a document that has none. It costs a request now and then, which does not count: how many documents
// share a range is no matter of the session's.
func (s *Session) makeID(ctx context.Context, collection string) (string, error) {
	if collection == "" {
		return "", &UsageError{"a document without collection and id", "give an id, ServerID or InCollection"}
	}
	return s.store.nextID(ctx, collection)
}

// mayTake refuses an id that the session uses for something else.
func (s *Session) mayTake(id string) error {
	if e, ok := s.byID[idKey(id)]; ok {
		return &UsageError{"document " + id, fmt.Sprintf("this session has it as another value (%T): change that one", e.doc)}
	}
	for _, d := range s.deletes {
		if sameID(d.id, id) {
			return &UsageError{"document " + id, "it is deleted in this session: save first"}
		}
	}
	return nil
}

// Delete notes that doc shall be deleted, in the version that was loaded.
func (s *Session) Delete(doc any) error {
	e, err := s.entityOf(doc)
	if err != nil {
		return err
	}
	if e.fresh {
		s.untrack(e) // nobody but us knows of it
		return nil
	}
	e.deleted = true
	return nil
}

// DeleteID notes that the document of that id shall be deleted, whether it is there or not. A tracked one is deleted in the
// version that was loaded; one that was changed is refused. Of the options, ExpectChangeVector has a meaning.
func (s *Session) DeleteID(id string, options ...StoreOption) error {
	if s.completedByServer(id) {
		return &UsageError{"id " + id, "name the document to delete"}
	}
	var o storeSettings
	for _, option := range options {
		option(&o)
	}
	e, ok := s.byID[idKey(id)]
	if !ok {
		s.deletes = append(s.deletes, deletion{id: id, expected: o.expected})
		return nil
	}
	changed, err := e.changed()
	if err != nil {
		return err
	}
	if changed {
		return &UsageError{"document " + id, "it was changed in this session: Evict it, or Delete the value"}
	}
	e.deleted = true
	if o.expected != nil {
		e.expected = o.expected
	}
	return nil
}
