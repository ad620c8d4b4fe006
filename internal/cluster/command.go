package cluster

import (
	"encoding/json"
	"fmt"
	"time"
)

// Command is a decision that can be proposed: one of the types of this file and of value_command.go. A command holds everything that its
// outcome depends on besides the State: no clock and no chance is asked when it is applied.
type Command interface {
	// kind is the command's name in the log. It never changes.
	kind() string
}

// CreateDatabase makes a database. Errors: *DatabaseExistsError, *InvalidNameError, *InvalidCommandError,
// *NodeMissingError.
type CreateDatabase struct {
	Name   string
	Record json.RawMessage `json:",omitempty"` // as a client put it; empty, or a JSON object
	// ReplicationFactor is how many nodes hold it; 0 means 1. Ignored when the record's topology names members.
	ReplicationFactor int
	// Encrypted is set by the server that has seen to it that a database may be encrypted. A record that asks for it without
	// that is refused: one that was asked to be encrypted must not be kept in plain.
	Encrypted bool `json:",omitempty"`
	// Ids, each 22 characters of base64. Propose fills those that are empty.
	DatabaseID, TopologyID, ClusterTransactionID string
}

// UpdateDatabase replaces a database's record; name, ids, topology and deletion stay. Errors: *DatabaseMissingError,
// *RecordConflictError, *InvalidCommandError.
type UpdateDatabase struct {
	Name   string
	Record json.RawMessage `json:",omitempty"`
	// Expected is the record's etag as the caller knows it; 0 means any.
	Expected uint64
}

// DeleteDatabases begins to delete databases: they are gone for everybody at once, and each node that holds a copy
// closes it, erases it when HardDelete says so, and proposes ConfirmDeletion. All or none: *DatabaseMissingError,
// *LockModeError, *NodeMissingError. A database locked with PreventDeletesIgnore stays; its outcome says so.
type DeleteDatabases struct {
	Names      []string
	HardDelete bool
	FromNodes  []string // tags; empty means from all
}

// ConfirmDeletion says that the node called Tag holds nothing of a deleted database any more. It does nothing when the
// database is not being deleted, or is another one of the same name.
type ConfirmDeletion struct {
	Name, DatabaseID, Tag string
}

// SetDisabled opens or closes databases for use. Those that do not exist are told in their outcome; no error.
type SetDisabled struct {
	Names    []string
	Disabled bool
}

// SetLockMode protects databases from deletion, or not. All or none: *DatabaseMissingError, *InvalidCommandError.
type SetLockMode struct {
	Names []string
	Mode  LockMode
}

// PutSettings replaces a database's settings. Null values are left out. Errors: *DatabaseMissingError,
// *InvalidCommandError.
type PutSettings struct {
	Name     string
	Settings json.RawMessage `json:",omitempty"` // a JSON object of texts
}

// PutClientConfiguration replaces what clients are told, for one database, or for all that have none of their own when
// Name is empty. An empty or null Configuration removes it. Errors: *DatabaseMissingError, *InvalidCommandError.
type PutClientConfiguration struct {
	Name          string
	Configuration json.RawMessage `json:",omitempty"` // a JSON object; its Etag is ignored
}

// PutRecordFields replaces single members of a database's record that the cluster only keeps, such as Revisions or
// Expiration. A null value removes one. Errors: *DatabaseMissingError, *InvalidCommandError for members that have a
// command of their own.
type PutRecordFields struct {
	Name   string
	Fields json.RawMessage `json:",omitempty"` // a JSON object
}

// SetNodeURL says where a node is reached. Errors: *NodeMissingError, *InvalidCommandError.
type SetNodeURL struct {
	Tag, URL string
}

func (CreateDatabase) kind() string         { return "CreateDatabase" }
func (UpdateDatabase) kind() string         { return "UpdateDatabase" }
func (DeleteDatabases) kind() string        { return "DeleteDatabases" }
func (ConfirmDeletion) kind() string        { return "ConfirmDeletion" }
func (SetDisabled) kind() string            { return "SetDisabled" }
func (SetLockMode) kind() string            { return "SetLockMode" }
func (PutSettings) kind() string            { return "PutSettings" }
func (PutClientConfiguration) kind() string { return "PutClientConfiguration" }
func (PutRecordFields) kind() string        { return "PutRecordFields" }
func (SetNodeURL) kind() string             { return "SetNodeURL" }

// Proposal is a command with what belongs to its way into the log.
type Proposal struct {
	Command Command
	// RequestID marks one logical request of a client: a second proposal with the same id delivers the first one's
	// result and does nothing. Empty means that nobody will repeat it.
	RequestID string
	At        time.Time // when it was proposed, by the proposer's clock
	// Ticket lets the proposer recognise its own entry. It plays no part in the outcome.
	Ticket uint64
}

// commandVersion is the version of the form below. A reader refuses higher ones.
const commandVersion = 1

// envelope is a proposal as it stands in the log; docs/format/raft.md says the same.
type envelope struct {
	Type      string
	Version   int
	RequestID string `json:",omitempty"`
	At        time.Time
	Ticket    uint64 `json:",omitempty"`
	Command   json.RawMessage
}

// AppendProposal appends p as the log keeps it: a JSON object.
func AppendProposal(dst []byte, p Proposal) ([]byte, error) {
	body, err := marshal(p.Command)
	if err != nil {
		return dst, &InvalidCommandError{Field: p.Command.kind(), Why: err.Error()}
	}
	text, err := marshal(envelope{
		Type: p.Command.kind(), Version: commandVersion, RequestID: p.RequestID, At: p.At.UTC(), Ticket: p.Ticket, Command: body,
	})
	if err != nil {
		return dst, &InvalidCommandError{Field: p.Command.kind(), Why: err.Error()}
	}
	return append(dst, text...), nil
}

// DecodeProposal reads what AppendProposal wrote. Errors: *DecodeError, *NewerVersionError.
func DecodeProposal(data []byte) (Proposal, error) {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return Proposal{}, &DecodeError{What: "cluster command", Cause: err}
	}
	if e.Version > commandVersion {
		return Proposal{}, &NewerVersionError{What: "cluster command " + e.Type, Version: e.Version, Known: commandVersion}
	}
	cmd, err := decodeCommand(e.Type, e.Command)
	if err != nil {
		return Proposal{}, &DecodeError{What: "cluster command", Cause: err}
	}
	if !writable(e.At) {
		return Proposal{}, &DecodeError{What: "cluster command", Cause: fmt.Errorf("its time %v has no text in UTC", e.At)}
	}
	return Proposal{Command: cmd, RequestID: e.RequestID, At: e.At.UTC(), Ticket: e.Ticket}, nil
}

// writable reports whether t can be written as RFC 3339 text, which has years of four digits, in UTC.
func writable(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 0 && year <= 9999
}

func decodeCommand(kind string, body json.RawMessage) (Command, error) {
	switch kind {
	case CreateDatabase{}.kind():
		return decodeBody[CreateDatabase](body)
	case UpdateDatabase{}.kind():
		return decodeBody[UpdateDatabase](body)
	case DeleteDatabases{}.kind():
		return decodeBody[DeleteDatabases](body)
	case ConfirmDeletion{}.kind():
		return decodeBody[ConfirmDeletion](body)
	case SetDisabled{}.kind():
		return decodeBody[SetDisabled](body)
	case SetLockMode{}.kind():
		return decodeBody[SetLockMode](body)
	case PutSettings{}.kind():
		return decodeBody[PutSettings](body)
	case PutClientConfiguration{}.kind():
		return decodeBody[PutClientConfiguration](body)
	case PutRecordFields{}.kind():
		return decodeBody[PutRecordFields](body)
	case SetNodeURL{}.kind():
		return decodeBody[SetNodeURL](body)
	case PutCompareExchange{}.kind():
		return decodeBody[PutCompareExchange](body)
	case DeleteCompareExchange{}.kind():
		return decodeBody[DeleteCompareExchange](body)
	case ExpireCompareExchange{}.kind():
		return decodeBody[ExpireCompareExchange](body)
	case NextIdentities{}.kind():
		return decodeBody[NextIdentities](body)
	case SeedIdentity{}.kind():
		return decodeBody[SeedIdentity](body)
	}
	return nil, fmt.Errorf("unknown type %q", kind)
}

func decodeBody[C Command](body json.RawMessage) (Command, error) {
	var cmd C
	if err := json.Unmarshal(body, &cmd); err != nil {
		return nil, err
	}
	return cmd, nil
}
