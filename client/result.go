package client

import (
	"encoding/json"
	"errors"
)

// errResultCount tells of an answer that does not have an entry for each id.
var errResultCount = errors.New("not one result for each id")

// parseResults reads the documents of an answer: nil where there is null.
func parseResults(a *answer) (results, includes []*rawDocument, err error) {
	var body struct {
		Results  []json.RawMessage
		Includes map[string]json.RawMessage
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		return nil, nil, &AnswerError{a.url, err}
	}
	results = make([]*rawDocument, len(body.Results))
	for i, text := range body.Results {
		if results[i], err = parseOrNull(text); err != nil {
			return nil, nil, &AnswerError{a.url, err}
		}
	}
	for _, text := range body.Includes {
		d, err := parseOrNull(text)
		if err != nil {
			return nil, nil, &AnswerError{a.url, err}
		}
		if d != nil && d.id != "" && d.metadata["@conflict"] == nil {
			includes = append(includes, d)
		}
	}
	return results, includes, nil
}

func parseOrNull(text json.RawMessage) (*rawDocument, error) {
	if text == nil || string(text) == "null" {
		return nil, nil
	}
	d, err := parseDocument(text)
	if err != nil {
		return nil, err
	}
	return &d, nil
}
