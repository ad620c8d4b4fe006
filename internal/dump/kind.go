package dump

import (
	"slices"
	"strings"
)

// Kind is what an item of a file is. The names are those of the protocol's OperateOnTypes.
type Kind uint8

// The kinds, in the order in which they are printed: first those that clients ask for if nobody says otherwise.
const (
	Indexes Kind = iota
	Documents
	RevisionDocuments
	Conflicts
	DatabaseRecord
	ReplicationHubCertificates
	Identities
	CompareExchange
	Attachments
	CounterGroups
	Subscriptions
	TimeSeries

	Tombstones
	CompareExchangeTombstones
	TimeSeriesDeletedRanges

	// What follows is in the protocol's list and in none of our files.

	Counters
	LegacyAttachments
	LegacyDocumentDeletions
	LegacyAttachmentDeletions
	Unknown

	kindCount
)

var kindNames = [kindCount]string{
	"Indexes", "Documents", "RevisionDocuments", "Conflicts", "DatabaseRecord", "ReplicationHubCertificates",
	"Identities", "CompareExchange", "Attachments", "CounterGroups", "Subscriptions", "TimeSeries",
	"Tombstones", "CompareExchangeTombstones", "TimeSeriesDeletedRanges",
	"Counters", "LegacyAttachments", "LegacyDocumentDeletions", "LegacyAttachmentDeletions", "Unknown",
}

// String returns the protocol's name.
func (k Kind) String() string {
	if k < kindCount {
		return kindNames[k]
	}
	return "Unknown"
}

// Member returns the name of the dump's member that holds items of kind k: "" if there is none.
func (k Kind) Member() string {
	switch {
	case k == Documents:
		return "Docs"
	case k < Counters:
		return k.String()
	}
	return ""
}

// kindOfMember is the way back from Member.
func kindOfMember(name []byte) (Kind, bool) {
	for k := range Counters {
		if string(name) == k.Member() {
			return k, true
		}
	}
	return Unknown, false
}

// Kinds is a set of kinds. The zero value is empty.
type Kinds uint32

// KindsDefault are the kinds that clients ask for if nobody says otherwise.
const KindsDefault = Kinds(1)<<Tombstones - 1

// KindsAll are all kinds.
const KindsAll = Kinds(1)<<kindCount - 1

// KindsOf returns the set of the kinds given.
func KindsOf(kinds ...Kind) Kinds {
	var s Kinds
	for _, k := range kinds {
		s |= 1 << k
	}
	return s
}

// Has reports whether k is in s.
func (s Kinds) Has(k Kind) bool { return s>>k&1 == 1 }

// String returns the names joined by commas, as in OperateOnTypes; "None" for the empty set.
func (s Kinds) String() string {
	var names []string
	for k := range kindCount {
		if s.Has(k) {
			names = append(names, k.String())
		}
	}
	if names == nil {
		return kindNone
	}
	return strings.Join(names, ",")
}

// kindNone is the name of the empty set, alone or beside others.
const kindNone = "None"

// ParseKinds reads names joined by commas; spaces around a name do no harm. The empty text is the empty set. Names are
// exact. The error is an *OptionError.
func ParseKinds(text string) (Kinds, error) {
	var s Kinds
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		i := slices.Index(kindNames[:], name)
		switch {
		case i >= 0:
			s |= 1 << i
		case name != kindNone:
			return 0, &OptionError{Option: "OperateOnTypes", Msg: "there is no kind " + quote(name)}
		}
	}
	return s, nil
}
