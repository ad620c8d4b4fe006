package jsonedit

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Difference is one place where two JSON texts differ.
type Difference struct {
	Path     string          // such as Address.City or Lines[2].Product; empty for the whole
	Old, New json.RawMessage // nil where there is none
}

// Differences lists where before and after differ, in the order of before, then what is new. Objects are compared member
// by member and arrays item by item; the order of members does not matter. Numbers differ when their texts do.
func Differences(before, after []byte) ([]Difference, error) {
	return appendDifferences(nil, "", before, after)
}

func appendDifferences(found []Difference, path string, before, after json.RawMessage) ([]Difference, error) {
	switch {
	case bytes.Equal(before, after):
		return found, nil
	case isObject(before) && isObject(after):
		return appendMembers(found, path, before, after)
	case isArray(before) && isArray(after):
		return appendItems(found, path, before, after)
	}
	return append(found, Difference{Path: path, Old: before, New: after}), nil
}

func appendMembers(found []Difference, path string, before, after json.RawMessage) ([]Difference, error) {
	old, err := ParseObject(before)
	if err != nil {
		return nil, err
	}
	current, err := ParseObject(after)
	if err != nil {
		return nil, err
	}
	for _, m := range old {
		value := valueOf(current, m.Name)
		if value == nil {
			found = append(found, Difference{Path: below(path, m.Name), Old: m.Value})
			continue
		}
		if found, err = appendDifferences(found, below(path, m.Name), m.Value, value); err != nil {
			return nil, err
		}
	}
	for _, m := range current {
		if old.Find(m.Name) < 0 {
			found = append(found, Difference{Path: below(path, m.Name), New: m.Value})
		}
	}
	return found, nil
}

func appendItems(found []Difference, path string, before, after json.RawMessage) ([]Difference, error) {
	var old, current []json.RawMessage
	if err := json.Unmarshal(before, &old); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(after, &current); err != nil {
		return nil, err
	}
	for i := range max(len(old), len(current)) {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case i >= len(current):
			found = append(found, Difference{Path: at, Old: old[i]})
		case i >= len(old):
			found = append(found, Difference{Path: at, New: current[i]})
		default:
			var err error
			if found, err = appendDifferences(found, at, old[i], current[i]); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// below is the path of a member.
func below(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
