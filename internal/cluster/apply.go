package cluster

import (
	"fmt"
	"slices"
)

// Entry is a proposal with its place in the log.
type Entry struct {
	Index, Term uint64
	Proposal
}

// Result is what became of a command.
type Result struct {
	// Index is the log entry that did it: the first one's, when the request was repeated.
	Index uint64
	// Outcomes has one element for each database that the command named, in its order.
	Outcomes []Outcome `json:",omitempty"`
	// Exchange is the outcome of a PutCompareExchange or DeleteCompareExchange.
	Exchange *ExchangeOutcome `json:"-"`
	// Numbers are what the other commands about values say.
	Numbers []int64 `json:"-"`
	// Err is why nothing was done; nil when it was.
	Err error `json:"-"`
}

// Outcome is what became of one database that a command named.
type Outcome struct {
	Name   string
	Done   bool
	Reason string `json:",omitempty"` // why not
}

// Apply returns the State after e, and what became of e's command. It is pure: equal arguments give equal outcomes, on
// every node and at every replay. s stays as it was. An entry without a command (a new leader's first one) only moves
// the index. A command that is refused changes nothing but the index. So does one about values: its effect is on rows, see valueWriter.run.
func Apply(s *State, e Entry) (*State, Result) {
	if _, ok := e.Command.(valueCommand); ok {
		return s.at(e.Index), Result{Index: e.Index}
	}
	if before, ok := s.findRequest(e.RequestID); ok {
		return s.at(e.Index), before
	}
	next, outcomes, err := applyCommand(s, e)
	result := Result{Index: e.Index, Outcomes: outcomes, Err: err}
	if err != nil {
		return s.at(e.Index), result
	}
	next = next.at(e.Index)
	if e.RequestID != "" {
		next.remember(request{ID: e.RequestID, Result: result})
	}
	return next, result
}

// at returns a copy of s that says it has applied the log up to index.
func (s *State) at(index uint64) *State {
	next := *s
	next.Index = index
	return &next
}

// applyCommand returns a State that may be s itself; its index is not yet that of e.
func applyCommand(s *State, e Entry) (*State, []Outcome, error) {
	switch cmd := e.Command.(type) {
	case nil:
		return s, nil, nil
	case CreateDatabase:
		return s.createDatabase(e, cmd)
	case UpdateDatabase:
		return s.updateDatabase(e, cmd)
	case DeleteDatabases:
		return s.deleteDatabases(e, cmd)
	case ConfirmDeletion:
		return s.confirmDeletion(cmd)
	case SetDisabled:
		return s.setDisabled(e, cmd)
	case SetLockMode:
		return s.setLockMode(e, cmd)
	case PutSettings:
		return s.putSettings(e, cmd)
	case PutClientConfiguration:
		return s.putClientConfiguration(e, cmd)
	case PutRecordFields:
		return s.putRecordFields(e, cmd)
	case SetNodeURL:
		return s.setNodeURL(e, cmd)
	}
	panic(fmt.Sprintf("BUG: no apply for %T", e.Command))
}

func done(name string) []Outcome { return []Outcome{{Name: name, Done: true}} }

func (s *State) createDatabase(e Entry, cmd CreateDatabase) (*State, []Outcome, error) {
	if err := ValidateName(cmd.Name); err != nil {
		return nil, nil, err
	}
	if d, ok := s.databases[Key(cmd.Name)]; ok {
		return nil, nil, &DatabaseExistsError{Name: d.Name, Deleting: d.Deletion != NotDeleting}
	}
	for _, id := range []string{cmd.DatabaseID, cmd.TopologyID, cmd.ClusterTransactionID} {
		if !validDatabaseID(id) {
			return nil, nil, &InvalidCommandError{Field: "DatabaseID", Why: fmt.Sprintf("%q is not 16 bytes in base64", id)}
		}
	}
	r, err := parseRecord(cmd.Record)
	if err != nil {
		return nil, nil, err
	}
	if r.encrypted != nil && *r.encrypted != cmd.Encrypted {
		return nil, nil, &InvalidCommandError{Field: "Record.Encrypted", Why: "does not agree with how the database would be kept"}
	}
	members, err := s.chooseMembers(r.members, cmd.ReplicationFactor)
	if err != nil {
		return nil, nil, err
	}
	d := &Database{
		Name: cmd.Name, ID: cmd.DatabaseID, Deletion: NotDeleting, Encrypted: cmd.Encrypted,
		Topology: Topology{
			Members: members, ReplicationFactor: len(members), TopologyID: cmd.TopologyID, ClusterTransactionID: cmd.ClusterTransactionID,
			Stamp: Stamp{Index: e.Index, Term: e.Term, At: e.At}, NodesModifiedAt: e.At,
		},
	}
	if d, err = d.withRecord(e, r); err != nil {
		return nil, nil, err
	}
	return s.with(d), done(d.Name), nil
}

// chooseMembers returns the nodes that hold a new database: those that were named, else the first factor ones.
func (s *State) chooseMembers(named []string, factor int) ([]string, error) {
	for i, tag := range named {
		if _, ok := s.findNode(tag); !ok {
			return nil, &NodeMissingError{Tag: tag}
		}
		if slices.Contains(named[:i], tag) {
			return nil, &InvalidCommandError{Field: "Record.Topology", Why: fmt.Sprintf("member %s stands there twice", tag)}
		}
	}
	if len(named) > 0 {
		return named, nil
	}
	factor = max(factor, 1)
	if factor > len(s.Nodes) {
		return nil, &InvalidCommandError{
			Field: "replicationFactor", Why: fmt.Sprintf("%d copies need as many nodes, the cluster has %d", factor, len(s.Nodes)),
		}
	}
	members := make([]string, factor)
	for i := range members {
		members[i] = s.Nodes[i].Tag
	}
	return members, nil
}

func (s *State) updateDatabase(e Entry, cmd UpdateDatabase) (*State, []Outcome, error) {
	d, err := s.find(cmd.Name)
	if err != nil {
		return nil, nil, err
	}
	if cmd.Expected != 0 && cmd.Expected != d.Etag {
		return nil, nil, &RecordConflictError{Name: d.Name, Expected: cmd.Expected, Actual: d.Etag}
	}
	r, err := parseRecord(cmd.Record)
	if err != nil {
		return nil, nil, err
	}
	if r.encrypted != nil && *r.encrypted != d.Encrypted {
		return nil, nil, &InvalidCommandError{
			Field: "Record.Encrypted", Why: "cannot be changed; make a new database that is encrypted, or is not, and copy the documents",
		}
	}
	if d, err = d.withRecord(e, r); err != nil {
		return nil, nil, err
	}
	return s.with(d), done(d.Name), nil
}

// withRecord returns a copy of d with what a client may decide taken from r.
func (d *Database) withRecord(e Entry, r record) (*Database, error) {
	client, err := updatedClient(d.Client, r.client, e.Index)
	if err != nil {
		return nil, err
	}
	next := d.changed(e)
	next.Disabled, next.LockMode, next.Settings, next.Client, next.rest = r.disabled, r.lockMode, r.settings, client, r.rest
	return next, nil
}

func (s *State) deleteDatabases(e Entry, cmd DeleteDatabases) (*State, []Outcome, error) {
	list, err := s.findAll(cmd.Names)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range list {
		if d.LockMode == PreventDeletesError {
			return nil, nil, &LockModeError{Name: d.Name}
		}
		for _, tag := range cmd.FromNodes {
			if !d.Topology.Has(tag) {
				return nil, nil, &NodeMissingError{Tag: tag}
			}
		}
	}
	next, outcomes := s, make([]Outcome, 0, len(list))
	for _, d := range list {
		if d.LockMode == PreventDeletesIgnore {
			outcomes = append(outcomes, Outcome{Name: d.Name, Reason: "cannot be deleted because of the set lock mode (PreventDeletesIgnore)"})
			continue
		}
		gone := d.changed(e)
		gone.Deletion = SoftDelete
		if cmd.HardDelete {
			gone.Deletion = HardDelete
		}
		next = next.with(gone)
		outcomes = append(outcomes, Outcome{Name: d.Name, Done: true})
	}
	return next, outcomes, nil
}

func (s *State) confirmDeletion(cmd ConfirmDeletion) (*State, []Outcome, error) {
	d, ok := s.databases[Key(cmd.Name)]
	if !ok || d.Deletion == NotDeleting || d.ID != cmd.DatabaseID || !d.Topology.Has(cmd.Tag) {
		return s, nil, nil
	}
	next := *d
	next.Topology.Members = slices.DeleteFunc(slices.Clone(d.Topology.Members), func(tag string) bool { return tag == cmd.Tag })
	if len(next.Topology.Members) > 0 {
		return s.with(&next), done(d.Name), nil
	}
	return s.without(d.Name), done(d.Name), nil
}

func (s *State) setDisabled(e Entry, cmd SetDisabled) (*State, []Outcome, error) {
	if err := checkNames(cmd.Names); err != nil {
		return nil, nil, err
	}
	next, outcomes := s, make([]Outcome, 0, len(cmd.Names))
	for _, name := range cmd.Names {
		d, err := next.find(name)
		if err != nil {
			outcomes = append(outcomes, Outcome{Name: name, Reason: err.Error()})
			continue
		}
		outcomes = append(outcomes, Outcome{Name: d.Name, Done: true})
		if d.Disabled != cmd.Disabled {
			changed := d.changed(e)
			changed.Disabled = cmd.Disabled
			next = next.with(changed)
		}
	}
	return next, outcomes, nil
}

func (s *State) setLockMode(e Entry, cmd SetLockMode) (*State, []Outcome, error) {
	if !cmd.Mode.valid() {
		return nil, nil, &InvalidCommandError{Field: "Mode", Why: fmt.Sprintf("%q is not Unlock, PreventDeletesIgnore or PreventDeletesError", cmd.Mode)}
	}
	list, err := s.findAll(cmd.Names)
	if err != nil {
		return nil, nil, err
	}
	next, outcomes := s, make([]Outcome, 0, len(list))
	for _, d := range list {
		changed := d.changed(e)
		changed.LockMode = cmd.Mode
		next = next.with(changed)
		outcomes = append(outcomes, Outcome{Name: d.Name, Done: true})
	}
	return next, outcomes, nil
}

func (s *State) putSettings(e Entry, cmd PutSettings) (*State, []Outcome, error) {
	d, err := s.find(cmd.Name)
	if err != nil {
		return nil, nil, err
	}
	settings, err := parseSettings(cmd.Settings)
	if err != nil {
		return nil, nil, &InvalidCommandError{Field: "Settings", Why: err.Error()}
	}
	next := d.changed(e)
	next.Settings = settings
	return s.with(next), done(d.Name), nil
}

func (s *State) putClientConfiguration(e Entry, cmd PutClientConfiguration) (*State, []Outcome, error) {
	client, err := newClientConfiguration(cmd.Configuration, e.Index)
	if err != nil {
		return nil, nil, err
	}
	if cmd.Name == "" {
		next := *s
		next.Client = client
		return &next, nil, nil
	}
	d, err := s.find(cmd.Name)
	if err != nil {
		return nil, nil, err
	}
	next := d.changed(e)
	next.Client = client
	return s.with(next), done(d.Name), nil
}

func (s *State) putRecordFields(e Entry, cmd PutRecordFields) (*State, []Outcome, error) {
	d, err := s.find(cmd.Name)
	if err != nil {
		return nil, nil, err
	}
	fields, err := parseObject(cmd.Fields)
	if err != nil {
		return nil, nil, &InvalidCommandError{Field: "Fields", Why: err.Error()}
	}
	next := d.changed(e)
	next.rest = slices.Clone(d.rest)
	for _, f := range fields {
		if isOwned(f.name) {
			return nil, nil, &InvalidCommandError{Field: f.name, Why: "has a command of its own, or cannot be changed"}
		}
		next.rest = slices.DeleteFunc(next.rest, func(old field) bool { return old.name == f.name })
		if string(f.value) != "null" {
			next.rest = append(next.rest, f)
		}
	}
	return s.with(next), done(d.Name), nil
}

func (s *State) setNodeURL(e Entry, cmd SetNodeURL) (*State, []Outcome, error) {
	i, ok := s.findNode(cmd.Tag)
	if !ok {
		return nil, nil, &NodeMissingError{Tag: cmd.Tag}
	}
	if len(cmd.URL) > urlBytesMax {
		return nil, nil, &InvalidCommandError{Field: "URL", Why: fmt.Sprintf("is longer than %d bytes", urlBytesMax)}
	}
	if s.Nodes[i].URL == cmd.URL {
		return s, nil, nil
	}
	next := *s
	next.Nodes = slices.Clone(s.Nodes)
	next.Nodes[i].URL = cmd.URL
	next.TopologyEtag = e.Index
	return &next, nil, nil
}

// find returns the database called name, or a *DatabaseMissingError.
func (s *State) find(name string) (*Database, error) {
	d, ok := s.Database(name)
	if !ok {
		return nil, &DatabaseMissingError{Name: name}
	}
	return d, nil
}

// findAll returns the databases called names, each once.
func (s *State) findAll(names []string) ([]*Database, error) {
	if err := checkNames(names); err != nil {
		return nil, err
	}
	var list []*Database
	for _, name := range names {
		d, err := s.find(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	return list, nil
}

func checkNames(names []string) error {
	if len(names) == 0 || len(names) > namesMax {
		return &InvalidCommandError{Field: "DatabaseNames", Why: fmt.Sprintf("has %d names; 1 to %d are possible", len(names), namesMax)}
	}
	return nil
}
