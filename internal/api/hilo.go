package api

import (
	"strconv"
	"time"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
)

// getNextHiLo gives a client a range of numbers to make ids from.
func (h *handler) getNextHiLo(r *request) error {
	tag := r.params.get("tag")
	if tag == "" {
		return &invalidError{what: "parameter tag", want: "the id prefix of a collection, such as users"}
	}
	lastSize, err := r.int64Param("lastBatchSize")
	if err != nil {
		return err
	}
	lastMax, err := r.int64Param("lastMax")
	if err != nil {
		return err
	}
	separator := r.params.get("identityPartsSeparator")
	if separator == "" {
		separator = "/"
	}
	cmd := database.NextHiLo{In: docstore.HiLoRequest{
		Tag: tag, LastSize: lastSize, LastMax: lastMax, LastRangeAt: parseTime(r.params.get("lastRangeAt")),
	}}
	if err := r.db.Do(r.http.Context(), &cmd); err != nil {
		return err
	}
	r.str(`{"Prefix":`)
	r.quote(tag + separator)
	r.member(`,"Low":`, cmd.Out.Low)
	r.member(`,"High":`, cmd.Out.High)
	r.member(`,"LastSize":`, cmd.Out.Size)
	r.str(`,"ServerTag":`)
	r.quote(h.server.NodeTag())
	r.str(`,"LastRangeAt":"`)
	r.body = docstore.AppendTime(r.body, cmd.Out.At)
	r.str(`"}`)
	return nil
}

// putReturnHiLo takes back the unused end of a range.
func (h *handler) putReturnHiLo(r *request) error {
	end, err := r.int64Param("end")
	if err != nil {
		return err
	}
	last, err := r.int64Param("last")
	if err != nil {
		return err
	}
	tag := r.params.get("tag")
	if tag == "" {
		return &invalidError{what: "parameter tag", want: "the id prefix of a collection, such as users"}
	}
	cmd := database.ReturnHiLo{Tag: tag, Last: last, End: end}
	if err := r.db.Do(r.http.Context(), &cmd); err != nil {
		return err
	}
	r.noContent()
	return nil
}

// int64Param reads a whole number; absent and empty give 0.
func (r *request) int64Param(name string) (int64, error) {
	text := r.params.get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, &invalidError{what: "parameter " + name, value: text, want: "a whole number"}
	}
	return n, nil
}

// parseTime reads an instant as clients write it, with or without Z; the zero time when it is none.
func parseTime(text string) time.Time {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.9999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}
