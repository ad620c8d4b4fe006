package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"net/url"
	"strconv"
)

// Stream is Query for many results: they are decoded one by one while they come, nothing of them is kept, and they are not
// tracked. Leaving the loop ends the request. It is sent to one node; when that fails midway the sequence ends with the error.
func Stream[T any](ctx context.Context, s *Session, rql string, options ...QueryOption) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		settings := s.querySettings(rql, options)
		c, err := queryCall(settings, s.turn)
		if err != nil {
			yield(nil, err)
			return
		}
		stream(ctx, s, c, yield)
	}
}

// PrefixQuery says which documents StartingWith gives. Prefix is needed.
type PrefixQuery struct {
	Prefix     string // ids begin with it, whatever the case
	Matches    string // patterns for the rest of the id: * and ?, | between alternatives; empty for all
	Exclude    string // the same for ids to leave out
	StartAfter string // an id to begin behind
	Start      int    // how many to leave out first
	PageSize   int    // how many at most; 0: all of them
	Untracked  bool   // the session forgets them
}

// LoadStartingWith gives the documents whose ids begin with a prefix, in the order of their ids. The whole answer comes with one
// request. To go through very many, use StreamStartingWith.
func LoadStartingWith[T any](ctx context.Context, s *Session, q PrefixQuery) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		rows, err := s.startingWith(ctx, q)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, d := range rows {
			doc, err := row[T](s, d, q.Untracked || s.options.Untracked)
			if err == nil && doc == nil {
				continue // deleted in this session
			}
			if !yield(doc, err) || err != nil {
				return
			}
		}
	}
}

// StreamStartingWith is LoadStartingWith that decodes one by one while they come, untracked.
func StreamStartingWith[T any](ctx context.Context, s *Session, q PrefixQuery) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		c, err := q.call(s.turn)
		if err != nil {
			yield(nil, err)
			return
		}
		stream(ctx, s, c, yield)
	}
}

func (s *Session) startingWith(ctx context.Context, q PrefixQuery) ([]*rawDocument, error) {
	c, err := q.call(s.turn)
	if err != nil {
		return nil, err
	}
	if err := s.spend(); err != nil {
		return nil, err
	}
	c.cacheable = true
	a, err := s.store.do(ctx, c)
	if err != nil {
		return nil, err
	}
	rows, _, err := parseResults(a)
	for _, d := range rows {
		if d == nil {
			return nil, &AnswerError{a.url, errors.New("a result that is null")}
		}
	}
	return rows, err
}

// call is the request for the documents of q.
func (q PrefixQuery) call(turn int) (*call, error) {
	if q.Prefix == "" || q.Start < 0 || q.PageSize < 0 {
		return nil, &UsageError{"PrefixQuery", "Prefix is not empty, Start and PageSize are not negative"}
	}
	size := q.PageSize
	if size == 0 {
		size = math.MaxInt32
	}
	v := url.Values{"startsWith": {q.Prefix}, "pageSize": {strconv.Itoa(size)}}
	for name, value := range map[string]string{"matches": q.Matches, "exclude": q.Exclude, "startAfter": q.StartAfter} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Start > 0 {
		v.Set("start", strconv.Itoa(q.Start))
	}
	return &call{method: http.MethodGet, path: "/docs", query: v, effect: reads, turn: turn}, nil
}

// stream sends c and yields the documents of its answer while they come.
func stream[T any](ctx context.Context, s *Session, c *call, yield func(*T, error) bool) {
	if err := s.spend(); err != nil {
		yield(nil, err)
		return
	}
	c.stream, c.cacheable = true, false
	a, err := s.store.do(ctx, c)
	if err != nil {
		yield(nil, err)
		return
	}
	if !a.found() {
		yield(nil, &IndexMissingError{&ServerError{Status: a.status, Message: "the query names an index that is not there", URL: a.url}})
		return
	}
	defer func() { _ = a.stream.Close() }()
	for d, err := range streamed(a) {
		if err != nil {
			yield(nil, err)
			return
		}
		doc, err := decode[T](s, d)
		if !yield(doc, err) || err != nil {
			return
		}
	}
}

// streamed yields the documents in the member Results of an answer. What follows it is read to the end, so that an answer that
// broke off is told from one that is complete.
func streamed(a *answer) iter.Seq2[*rawDocument, error] {
	return func(yield func(*rawDocument, error) bool) {
		dec := json.NewDecoder(a.stream)
		err := eachResult(dec, func(d *rawDocument) bool { return yield(d, nil) })
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, &AnswerError{a.url, err})
		}
	}
}

// errStopped tells that the caller wants no more.
var errStopped = errors.New("stopped")

// eachResult hands the documents in Results to yield until that returns false.
func eachResult(dec *json.Decoder, yield func(*rawDocument) bool) error {
	if err := expect(dec, json.Delim('{')); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if name != "Results" {
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return complete(err)
			}
			continue
		}
		if err := eachItem(dec, yield); err != nil {
			return err
		}
	}
	return expect(dec, json.Delim('}'))
}

// eachItem hands the documents of an array to yield.
func eachItem(dec *json.Decoder, yield func(*rawDocument) bool) error {
	if err := expect(dec, json.Delim('[')); err != nil {
		return err
	}
	for dec.More() {
		var text json.RawMessage
		if err := dec.Decode(&text); err != nil {
			return complete(err)
		}
		d, err := parseDocument(text)
		if err != nil {
			return err
		}
		if !yield(&d) {
			return errStopped
		}
	}
	return expect(dec, json.Delim(']'))
}

func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if err != nil {
		return complete(err)
	}
	if got != want {
		return fmt.Errorf("want %v, have %v", want, got)
	}
	return nil
}

// complete names the end of an answer in its middle what it is.
func complete(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
