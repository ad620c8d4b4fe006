package client

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/rookerydb/rookery/client/internal/jsonedit"
)

// ChangeKind says what becomes of a document or of a member.
type ChangeKind string

// Kinds of changes.
const (
	Added   ChangeKind = "added"
	Changed ChangeKind = "changed"
	Removed ChangeKind = "removed"
)

// FieldChange is one difference inside a document.
type FieldChange struct {
	Path     string // such as Address.City, Lines[2].Product or @metadata.Note
	Kind     ChangeKind
	Old, New json.RawMessage // nil where there is none
}

// DocumentChange is what SaveChanges would do with one document.
type DocumentChange struct {
	ID     string // as Session.ID
	Kind   ChangeKind
	Fields []FieldChange // of a changed document
}

// HasChanges tells whether SaveChanges has anything to do.
func (s *Session) HasChanges() (bool, error) {
	if len(s.deletes) > 0 {
		return true, nil
	}
	for _, e := range s.entities {
		changed, err := e.changed()
		if changed || err != nil {
			return changed, err
		}
	}
	return false, nil
}

// HasChanged tells whether SaveChanges would do anything with doc.
func (s *Session) HasChanged(doc any) (bool, error) {
	e, err := s.entityOf(doc)
	if err != nil {
		return false, err
	}
	return e.changed()
}

// WhatChanged lists what SaveChanges would do, deletions by id last.
func (s *Session) WhatChanged() ([]DocumentChange, error) {
	var changes []DocumentChange
	for _, e := range s.entities {
		change, err := e.change()
		if err != nil {
			return nil, err
		}
		if change.Kind != "" {
			changes = append(changes, change)
		}
	}
	for _, d := range s.deletes {
		changes = append(changes, DocumentChange{ID: d.id, Kind: Removed})
	}
	return changes, nil
}

// changed tells whether e has to be sent.
func (e *entity) changed() (bool, error) {
	if e.fresh || e.deleted {
		return true, nil
	}
	text, about, err := e.now()
	if err != nil {
		return false, err
	}
	return !bytes.Equal(text, e.before) || !bytes.Equal(about, e.metadataBefore), nil
}

// now is the present state as JSON.
func (e *entity) now() (text, about []byte, err error) {
	if text, err = jsonedit.Marshal(e.doc); err != nil {
		return nil, nil, &DecodeError{e.id, err}
	}
	if about, err = e.metadata.sent(); err != nil {
		return nil, nil, &DecodeError{e.id, err}
	}
	return text, about, nil
}

// change is what would become of e; its Kind is empty when that is nothing.
func (e *entity) change() (DocumentChange, error) {
	c := DocumentChange{ID: e.id}
	switch {
	case e.deleted:
		c.Kind = Removed
		return c, nil
	case e.fresh:
		c.Kind = Added
		return c, nil
	}
	text, about, err := e.now()
	if err != nil {
		return c, err
	}
	if c.Fields, err = appendFields(nil, "", e.before, text); err != nil {
		return c, err
	}
	if c.Fields, err = appendFields(c.Fields, metaKey, e.metadataBefore, about); err != nil {
		return c, err
	}
	if len(c.Fields) > 0 {
		c.Kind = Changed
	}
	return c, nil
}

// appendFields appends the differences between two texts, whose paths begin with prefix.
func appendFields(fields []FieldChange, prefix string, before, after []byte) ([]FieldChange, error) {
	differences, err := jsonedit.Differences(before, after)
	if err != nil {
		return nil, err
	}
	for _, d := range differences {
		f := FieldChange{Path: strings.Trim(prefix+"."+d.Path, "."), Kind: Changed, Old: d.Old, New: d.New}
		switch {
		case d.Old == nil:
			f.Kind = Added
		case d.New == nil:
			f.Kind = Removed
		}
		fields = append(fields, f)
	}
	return fields, nil
}
