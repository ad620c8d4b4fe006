package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// hilo makes the ids of one prefix out of ranges of numbers that the server gives to this store alone.
//
// Ranges grow when they are used up quickly: the server sees how long the last one lasted.
type hilo struct {
	turn chan struct{} // capacity 1: who has put something in may use what follows, also while waiting for the server
	hiloRange
	last int64 // the last number given out; High when the range is used up
}

// hiloRange is the answer of GET /hilo/next.
type hiloRange struct {
	Prefix      string
	Low, High   int64
	LastSize    int64
	ServerTag   string
	LastRangeAt string
}

// nextID makes an id for a document of collection.
func (s *Store) nextID(ctx context.Context, collection string) (string, error) {
	h := s.hiloOf(s.config.Conventions.IDPrefix(collection))
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-h.turn }()
	if h.last >= h.High {
		if err := s.nextRange(ctx, s.config.Conventions.IDPrefix(collection), h); err != nil {
			return "", err
		}
	}
	h.last++
	return h.Prefix + strconv.FormatInt(h.last, 10) + "-" + h.ServerTag, nil
}

func (s *Store) hiloOf(prefix string) *hilo {
	s.hiloMu.Lock()
	defer s.hiloMu.Unlock()
	h, ok := s.hilo[prefix]
	if !ok {
		h = &hilo{turn: make(chan struct{}, 1)}
		s.hilo[prefix] = h
	}
	return h
}

// nextRange asks for the next range. Asking twice does no harm but a gap.
func (s *Store) nextRange(ctx context.Context, prefix string, h *hilo) error {
	a, err := s.do(ctx, &call{
		method: http.MethodGet, path: "/hilo/next", effect: repeatable,
		query: url.Values{
			"tag": {prefix}, "lastBatchSize": {strconv.FormatInt(h.LastSize, 10)}, "lastRangeAt": {h.LastRangeAt},
			"identityPartsSeparator": {s.config.Conventions.IDSeparator}, "lastMax": {strconv.FormatInt(h.High, 10)},
		},
	})
	if err != nil {
		return err
	}
	var next hiloRange
	if err := json.Unmarshal(a.body, &next); err != nil {
		return &AnswerError{a.url, err}
	}
	if next.Low < 1 || next.High < next.Low || next.Prefix == "" {
		return &AnswerError{a.url, errors.New("a range of ids that is empty")}
	}
	h.hiloRange, h.last = next, next.Low-1
	return nil
}

// returnIDs gives the unused ends of all ranges back. It waits for whoever is making an id.
func (s *Store) returnIDs(ctx context.Context) error {
	s.hiloMu.Lock()
	all := s.hilo
	s.hilo = map[string]*hilo{}
	s.hiloMu.Unlock()
	var errs []error
	for prefix, h := range all {
		select {
		case h.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if h.last < h.High {
			_, err := s.do(ctx, &call{
				method: http.MethodPut, path: "/hilo/return", effect: repeatable,
				query: url.Values{"tag": {prefix}, "end": {strconv.FormatInt(h.High, 10)}, "last": {strconv.FormatInt(h.last, 10)}},
			})
			errs = append(errs, err)
			h.last = h.High
		}
		<-h.turn
	}
	return errors.Join(errs...)
}
