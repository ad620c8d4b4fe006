package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
)

// LoadOption changes what a load does.
type LoadOption interface{ applyLoad(*loadSettings) }

type loadSettings struct {
	include   []string
	untracked bool
}

type includeOption []string

func (o includeOption) applyLoad(s *loadSettings) { s.include = append(s.include, o...) }

// Include brings the documents along whose ids stand at these paths of the loaded ones, such as Company or Lines[].Product: a
// later Load of one of them makes no request.
func Include(paths ...string) LoadOption { return includeOption(paths) }

// ReadOption is an option for loads and queries alike.
type ReadOption interface {
	LoadOption
	QueryOption
}

type untrackedOption struct{}

func (untrackedOption) applyLoad(s *loadSettings)   { s.untracked = true }
func (untrackedOption) applyQuery(s *querySettings) { s.untracked = true }

// Untracked hands out values that the session does not remember: changes of them are not saved, and they cost less memory.
func Untracked() ReadOption { return untrackedOption{} }

// Load gets the document of that id. ok is false when there is none. Within a session one id gives one pointer, and one request.
//
// T is a struct, a map or json.RawMessage. Members that a struct does not know stay in the document when it is saved.
func Load[T any](ctx context.Context, s *Session, id string, options ...LoadOption) (doc *T, ok bool, err error) {
	docs, err := LoadMany[T](ctx, s, []string{id}, options...)
	if err != nil {
		return nil, false, err
	}
	doc = docs[id]
	return doc, doc != nil, nil
}

// LoadMany gets the documents of these ids with one request, or none when the session has them all. The map has an entry for each
// id as it was given, nil where there is no document.
func LoadMany[T any](ctx context.Context, s *Session, ids []string, options ...LoadOption) (map[string]*T, error) {
	settings := s.loadSettings(options)
	asked := s.unknown(ids)
	if settings.untracked {
		asked = distinct(ids)
	}
	found := fetched{}
	if len(asked) > 0 {
		var err error
		if found, err = s.fetch(ctx, asked, settings.include); err != nil {
			return nil, err
		}
	}
	return handOut[T](s, ids, found, settings)
}

func (s *Session) loadSettings(options []LoadOption) loadSettings {
	settings := loadSettings{untracked: s.options.Untracked}
	for _, o := range options {
		o.applyLoad(&settings)
	}
	return settings
}

// handOut makes the result of a load of ids from what was found and, unless untracked, what the session has.
func handOut[T any](s *Session, ids []string, found fetched, settings loadSettings) (map[string]*T, error) {
	docs := make(map[string]*T, len(ids))
	for _, id := range ids {
		docs[id] = nil
	}
	if settings.untracked {
		return docs, decodeFound(s, docs, found)
	}
	s.receive(found)
	for id := range docs {
		doc, err := known[T](s, id)
		if err != nil {
			return nil, err
		}
		docs[id] = doc
	}
	return docs, nil
}

// decodeFound fills docs with values that nobody tracks.
func decodeFound[T any](s *Session, docs map[string]*T, found fetched) error {
	for i, d := range found.results {
		if d == nil {
			continue
		}
		doc, err := decode[T](s, d)
		if err != nil {
			return err
		}
		docs[found.asked[i]] = doc
	}
	return nil
}

// distinct is ids without empty ones and repetitions.
func distinct(ids []string) []string {
	var list []string
	seen := map[string]bool{"": true}
	for _, id := range ids {
		if !seen[id] {
			list = append(list, id)
		}
		seen[id] = true
	}
	return list
}

// unknown lists those of ids that the session has to ask for, each once.
func (s *Session) unknown(ids []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, id := range ids {
		key := idKey(id)
		_, tracked := s.byID[key]
		_, included := s.included[key]
		if !tracked && !included && !seen[key] && id != "" {
			list = append(list, id)
		}
		seen[key] = true
	}
	return list
}

// fetched are documents as they came.
type fetched struct {
	asked    []string
	results  []*rawDocument // one for each of asked; nil where there is none
	includes []*rawDocument
}

// fetch asks for documents by id.
func (s *Session) fetch(ctx context.Context, ids, include []string) (fetched, error) {
	if err := s.spend(); err != nil {
		return fetched{}, err
	}
	a, err := s.store.do(ctx, loadCall(ids, include, s.turn))
	if err != nil {
		return fetched{}, err
	}
	return parseLoad(ids, a)
}

// loadCall is the request for documents by id. Long lists go into the body.
func loadCall(ids, include []string, turn int) *call {
	c := &call{method: http.MethodGet, path: "/docs", query: url.Values{}, effect: reads, cacheable: true, turn: turn}
	if len(include) > 0 {
		c.query["include"] = include
	}
	bytes := 0
	for _, id := range ids {
		bytes += len(id)
	}
	if bytes < idsInURLBytesMax {
		c.query["id"] = ids
		return c
	}
	body, err := json.Marshal(struct {
		IDs []string `json:"Ids"`
	}{ids})
	if err != nil {
		panic("BUG: strings have no JSON text: " + err.Error())
	}
	c.method, c.body = http.MethodPost, body
	return c
}

// parseLoad reads the answer to loadCall.
func parseLoad(ids []string, a *answer) (fetched, error) {
	found := fetched{asked: ids, results: make([]*rawDocument, len(ids))}
	if !a.found() {
		return found, nil
	}
	results, includes, err := parseResults(a)
	if err != nil {
		return found, err
	}
	if len(results) != len(ids) {
		return found, &AnswerError{a.url, errResultCount}
	}
	return fetched{asked: ids, results: results, includes: includes}, nil
}

// receive keeps what came until it is asked for.
func (s *Session) receive(found fetched) {
	for i, id := range found.asked {
		s.keep(id, found.results[i])
	}
	s.keepIncludes(found.includes)
}

func (s *Session) keepIncludes(includes []*rawDocument) {
	for _, d := range includes {
		s.keep(d.id, d)
	}
}

// keep notes a document, or with nil that there is none, unless the session has it already: what it has may be changed.
func (s *Session) keep(id string, d *rawDocument) {
	if _, tracked := s.byID[idKey(id)]; !tracked {
		s.included[idKey(id)] = d
	}
}

// known hands out a document that was received; nil when there is none, or it is deleted.
func known[T any](s *Session, id string) (*T, error) {
	key := idKey(id)
	if e, ok := s.byID[key]; ok {
		return tracked[T](e)
	}
	d := s.included[key]
	if d == nil {
		return nil, nil
	}
	return adopt[T](s, d)
}

// tracked is the value that the session has handed out before.
func tracked[T any](e *entity) (*T, error) {
	if e.deleted {
		return nil, nil
	}
	doc, ok := e.doc.(*T)
	if !ok {
		return nil, &TypeError{ID: e.id, Have: reflect.TypeOf(e.doc).String(), Want: reflect.TypeFor[*T]().String()}
	}
	return doc, nil
}

// adopt makes a value of d and tracks it.
func adopt[T any](s *Session, d *rawDocument) (*T, error) {
	doc, err := decode[T](s, d)
	if err != nil {
		return nil, err
	}
	e := &entity{id: d.id, doc: doc, changeVector: d.changeVector, metadata: d.metadata}
	if err := e.remember(d.text); err != nil {
		return nil, err
	}
	s.track(e)
	return doc, nil
}

// decode makes a value of d that nobody tracks.
func decode[T any](s *Session, d *rawDocument) (*T, error) {
	doc := new(T)
	if err := json.Unmarshal(d.text, doc); err != nil {
		return nil, &DecodeError{d.id, err}
	}
	return doc, s.store.config.Conventions.setID(doc, d.id)
}
