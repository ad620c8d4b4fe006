package jsonedit

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Overlay carries the changes from before to after over to original, three JSON objects, and returns the result.
//
// Members of original that neither before nor after has stay; so does the text of members that did not change, with its
// numbers as they were written. Objects are gone through member by member; anything else that changed, an array too, is
// replaced as a whole. A member that original spells in another case keeps that spelling. New members come last.
func Overlay(original, before, after []byte) ([]byte, error) {
	texts := [3][]byte{original, before, after}
	var objects [3]Object
	for i, text := range texts {
		var err error
		if objects[i], err = ParseObject(text); err != nil {
			return nil, err
		}
	}
	result, err := overlay(objects[0], objects[1], objects[2])
	if err != nil {
		return nil, err
	}
	return result.Append(nil), nil
}

func overlay(original, before, after Object) (Object, error) {
	result := slices.Clone(original)
	for _, m := range before {
		if after.Find(m.Name) >= 0 {
			continue
		}
		if i := place(result, before, after, m.Name); i >= 0 {
			result = slices.Delete(result, i, i+1)
		}
	}
	for _, m := range after {
		i := place(result, before, after, m.Name)
		if i < 0 {
			result = append(result, m)
			continue
		}
		value, err := overlayValue(result[i].Value, valueOf(before, m.Name), m.Value)
		if err != nil {
			return nil, err
		}
		result[i].Value = value
	}
	return result, nil
}

// overlayValue is the new value of a member that original has. before is nil when it was not there.
func overlayValue(original, before, after json.RawMessage) (json.RawMessage, error) {
	switch {
	case before != nil && bytes.Equal(before, after):
		return original, nil
	case isObject(original) && isObject(before) && isObject(after):
		return Overlay(original, before, after)
	}
	return after, nil
}

// place finds the member of original that name means, whatever its case, unless before or after means another one by that
// spelling.
func place(original, before, after Object, name string) int {
	i := original.findFold(name)
	if i < 0 || original[i].Name == name {
		return i
	}
	if spelled := original[i].Name; before.Find(spelled) >= 0 || after.Find(spelled) >= 0 {
		return -1
	}
	return i
}

// valueOf is the value of the member called name; nil when there is none.
func valueOf(o Object, name string) json.RawMessage {
	if i := o.Find(name); i >= 0 {
		return o[i].Value
	}
	return nil
}
