package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// LazyBatch gathers loads and queries and sends them as one request.
type LazyBatch struct {
	session *Session
	waiting []*lazyCall
}

// lazyCall is one request of a batch, and what to do with its answer.
type lazyCall struct {
	call *call               // nil when the session has it all
	take func(*answer) error // given nil then
	done bool
	err  error
}

// Lazy is a result that is there once its batch was sent.
type Lazy[T any] struct {
	call  *lazyCall
	value T
}

// Value is the result. Before LazyBatch.Send it is a *UsageError.
func (l *Lazy[T]) Value() (T, error) {
	if !l.call.done {
		return l.value, &UsageError{"a lazy value", "Send its batch first"}
	}
	return l.value, l.call.err
}

// Lazily begins a batch.
func (s *Session) Lazily() *LazyBatch { return &LazyBatch{session: s} }

// LazyLoad adds LoadMany to the batch.
func LazyLoad[T any](b *LazyBatch, ids []string, options ...LoadOption) *Lazy[map[string]*T] {
	s := b.session
	settings := s.loadSettings(options)
	l := &Lazy[map[string]*T]{call: &lazyCall{}}
	b.waiting = append(b.waiting, l.call)
	asked := s.unknown(ids)
	if settings.untracked {
		asked = distinct(ids)
	}
	if len(asked) > 0 {
		l.call.call = loadCall(asked, settings.include, s.turn)
	}
	l.call.take = func(a *answer) error {
		found := fetched{}
		if a != nil {
			var err error
			if found, err = parseLoad(asked, a); err != nil {
				return err
			}
		}
		var err error
		l.value, err = handOut[T](s, ids, found, settings)
		return err
	}
	return l
}

// LazyQuery adds a query to the batch.
func LazyQuery[T any](b *LazyBatch, rql string, options ...QueryOption) *Lazy[[]*T] {
	s := b.session
	settings := s.querySettings(rql, options)
	l := &Lazy[[]*T]{}
	c, err := queryCall(settings, s.turn)
	l.call = &lazyCall{call: c, err: err, done: err != nil, take: func(a *answer) error {
		rows, err := s.queryAnswer(settings, a)
		if err != nil {
			return err
		}
		for _, d := range rows {
			doc, err := row[T](s, d, settings.untracked)
			if err != nil {
				return err
			}
			if doc != nil {
				l.value = append(l.value, doc)
			}
		}
		return nil
	}}
	if err == nil {
		b.waiting = append(b.waiting, l.call)
	}
	return l
}

// lazyRequest is one entry of the body of POST /multi_get.
type lazyRequest struct {
	URL     string `json:"Url"`
	Query   string
	Method  string
	Headers map[string]string
	Content json.RawMessage `json:",omitempty"`
}

// Send sends all that was added since the last Send as one request. Its error is of the request as a whole; those of single loads
// and queries come from their Value. When it fails it may be called again.
func (b *LazyBatch) Send(ctx context.Context) error {
	var sent []*lazyCall
	for _, l := range b.waiting {
		if l.call != nil {
			sent = append(sent, l)
		}
	}
	answers, err := b.session.multiGet(ctx, sent)
	if err != nil {
		return err
	}
	for i, l := range sent {
		l.finish(answers[i])
	}
	for _, l := range b.waiting {
		if !l.done {
			l.done, l.err = true, l.take(nil) // the session had it all
		}
	}
	b.waiting = nil
	return nil
}

// lazyAnswer is one entry of the answer of POST /multi_get.
type lazyAnswer struct {
	Result     json.RawMessage
	StatusCode int
	url        string
}

func (l *lazyCall) finish(a lazyAnswer) {
	l.done = true
	if a.StatusCode >= 400 && (a.StatusCode != http.StatusNotFound || saysWhy(a.Result)) {
		l.err = serverError(a.StatusCode, nil, a.Result, a.url, "")
		return
	}
	l.err = l.take(&answer{status: a.StatusCode, body: a.Result, url: a.url})
}

// multiGet sends calls as one request. Without any there is none.
func (s *Session) multiGet(ctx context.Context, calls []*lazyCall) ([]lazyAnswer, error) {
	if len(calls) == 0 {
		return nil, nil
	}
	if len(calls) > lazyCountMax {
		return nil, &UsageError{fmt.Sprintf("a batch of %d", len(calls)), fmt.Sprintf("send %d at most", lazyCountMax)}
	}
	if err := s.spend(); err != nil {
		return nil, err
	}
	requests := make([]lazyRequest, len(calls))
	for i, l := range calls {
		requests[i] = lazyRequest{
			URL:   "/databases/" + s.store.config.Database + l.call.path,
			Query: "?" + l.call.query.Encode(), Method: l.call.method, Headers: map[string]string{}, Content: l.call.body,
		}
	}
	body, err := json.Marshal(struct{ Requests []lazyRequest }{requests})
	if err != nil {
		return nil, &UsageError{"a lazy request", err.Error()}
	}
	a, err := s.store.do(ctx, &call{method: http.MethodPost, path: "/multi_get", body: body, effect: reads, turn: s.turn})
	if err != nil {
		return nil, err
	}
	return parseMultiGet(a, len(calls))
}

func parseMultiGet(a *answer, count int) ([]lazyAnswer, error) {
	var found struct{ Results []lazyAnswer }
	if err := json.NewDecoder(bytes.NewReader(a.body)).Decode(&found); err != nil {
		return nil, &AnswerError{a.url, err}
	}
	if len(found.Results) != count {
		return nil, &AnswerError{a.url, fmt.Errorf("%d results for %d requests", len(found.Results), count)}
	}
	for i := range found.Results {
		found.Results[i].url = a.url
	}
	return found.Results, nil
}
