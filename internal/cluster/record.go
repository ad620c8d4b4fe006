package cluster

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// recordFields are the members of a record that are kept as they were put, with what stands there when nothing was:
// clients read the maps and lists without looking whether they are there.
var recordFields = []field{
	{"EtagForBackup", json.RawMessage(`0`)},
	{"DatabaseState", json.RawMessage(`"Normal"`)},
	{"ConflictSolverConfig", null},
	{"DocumentsCompression", null},
	{"Sorters", emptyObject},
	{"Analyzers", emptyObject},
	{"Indexes", emptyObject},
	{"IndexesHistory", emptyObject},
	{"AutoIndexes", emptyObject},
	{"RollingIndexes", emptyObject},
	{"Revisions", null},
	{"TimeSeries", null},
	{"RevisionsForConflicts", null},
	{"Expiration", null},
	{"Refresh", null},
	{"Integrations", null},
	{"PeriodicBackups", emptyArray},
	{"ExternalReplications", emptyArray},
	{"SinkPullReplications", emptyArray},
	{"HubPullReplications", emptyArray},
	{"RavenConnectionStrings", emptyObject},
	{"SqlConnectionStrings", emptyObject},
	{"OlapConnectionStrings", emptyObject},
	{"ElasticSearchConnectionStrings", emptyObject},
	{"QueueConnectionStrings", emptyObject},
	{"RavenEtls", emptyArray},
	{"SqlEtls", emptyArray},
	{"OlapEtls", emptyArray},
	{"ElasticSearchEtls", emptyArray},
	{"QueueEtls", emptyArray},
	{"Studio", null},
	{"TruncatedClusterTransactionIndex", json.RawMessage(`0`)},
	{"UnusedDatabaseIds", emptyArray},
}

var (
	null        = json.RawMessage(`null`)
	emptyObject = json.RawMessage(`{}`)
	emptyArray  = json.RawMessage(`[]`)
)

// isOwned reports whether a member of a record is decided here: it is typed, or what a client puts there is ignored.
func isOwned(name string) bool {
	switch name {
	case "DatabaseName", "Etag", "Disabled", "LockMode", "DeletionInProgress", "Topology", "Settings", "Client", "Encrypted":
		return true
	}
	return false
}

// record is a record as a client puts it, taken apart.
type record struct {
	disabled  bool
	encrypted *bool // nil when nothing is said of it
	lockMode  LockMode
	settings  map[string]string
	client    json.RawMessage // nil or an object
	members   []string        // of the topology; nil when none are named
	rest      []field
}

// parseRecord takes a record apart. text is empty or a JSON object; null members are as good as missing ones.
// The error is an *InvalidCommandError.
func parseRecord(text json.RawMessage) (record, error) {
	r := record{lockMode: Unlock}
	if len(text) == 0 || string(text) == "null" {
		return r, nil
	}
	fields, err := parseObject(text)
	if err != nil {
		return r, &InvalidCommandError{Field: "Record", Why: err.Error()}
	}
	for _, f := range fields {
		if string(f.value) == "null" {
			continue
		}
		if err := r.take(f); err != nil {
			return r, &InvalidCommandError{Field: "Record." + f.name, Why: err.Error()}
		}
	}
	return r, nil
}

// take puts one member, not null, where it belongs.
func (r *record) take(f field) error {
	switch f.name {
	case "Disabled":
		return json.Unmarshal(f.value, &r.disabled)
	case "LockMode":
		if err := json.Unmarshal(f.value, &r.lockMode); err != nil || !r.lockMode.valid() {
			return fmt.Errorf("%s is not Unlock, PreventDeletesIgnore or PreventDeletesError", f.value)
		}
	case "Settings":
		var err error
		r.settings, err = parseSettings(f.value)
		return err
	case "Client":
		r.client = f.value
	case "Topology":
		return r.takeTopology(f.value)
	case "Encrypted":
		return json.Unmarshal(f.value, &r.encrypted)
	default:
		if !isOwned(f.name) {
			r.rest = append(r.rest, f)
		}
	}
	return nil
}

func (r *record) takeTopology(text json.RawMessage) error {
	var t struct{ Members []string }
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	r.members = t.Members
	return nil
}

// WantsEncryption says whether a record, as a client puts it, asks for an encrypted database. The error is an
// *InvalidCommandError.
func WantsEncryption(text json.RawMessage) (bool, error) {
	r, err := parseRecord(text)
	return r.encrypted != nil && *r.encrypted, err
}

// parseSettings reads a map of texts; null values are left out. Numbers and truth values are taken as they are written.
func parseSettings(text json.RawMessage) (map[string]string, error) {
	fields, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	settings := make(map[string]string, len(fields))
	for _, f := range fields {
		switch f.value[0] {
		case '{', '[':
			return nil, fmt.Errorf("setting %q is not a text", f.name)
		case '"':
			var s string
			if err := json.Unmarshal(f.value, &s); err != nil {
				return nil, err
			}
			settings[f.name] = s
		case 'n':
		default:
			settings[f.name] = string(f.value)
		}
	}
	return settings, nil
}

// AppendRecord appends d's record as clients read it: one JSON object with every member that they expect, then those
// that were put and that nobody here knows.
func (d *Database) AppendRecord(dst []byte) []byte {
	dst = appendMember(append(dst, '{'), field{"DatabaseName", quoted(d.Name)})
	dst = append(append(dst, `,"Etag":`...), strconv.FormatUint(d.Etag, 10)...)
	dst = append(append(dst, `,"Disabled":`...), strconv.FormatBool(d.Disabled)...)
	dst = appendMember(append(dst, ','), field{"LockMode", quoted(string(d.LockMode))})
	dst = append(append(dst, `,"DeletionInProgress":`...), d.deletionJSON()...)
	dst = d.Topology.AppendJSON(append(dst, `,"Topology":`...))
	dst = append(append(dst, `,"Settings":`...), settingsJSON(d.Settings)...)
	dst = append(append(dst, `,"Encrypted":`...), strconv.FormatBool(d.Encrypted)...)
	dst = append(dst, `,"Client":`...)
	if d.Client != nil {
		dst = append(dst, d.Client.JSON...)
	} else {
		dst = append(dst, null...)
	}
	return append(d.appendRest(dst), '}')
}

func (d *Database) appendRest(dst []byte) []byte {
	put := make(map[string]json.RawMessage, len(d.rest))
	for _, f := range d.rest {
		put[f.name] = f.value
	}
	for _, f := range recordFields {
		if value, ok := put[f.name]; ok {
			f.value = value
			delete(put, f.name)
		}
		dst = appendMember(append(dst, ','), f)
	}
	for _, f := range d.rest {
		if _, ok := put[f.name]; ok {
			dst = appendMember(append(dst, ','), f)
		}
	}
	return dst
}

func (d *Database) deletionJSON() []byte {
	if d.Deletion == NotDeleting {
		return emptyObject
	}
	out := []byte{'{'}
	for i, tag := range d.Topology.Members {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendMember(out, field{tag, quoted(string(d.Deletion))})
	}
	return append(out, '}')
}

// AppendJSON appends t as clients read it, in records and in the answers to changes of a database.
func (t *Topology) AppendJSON(dst []byte) []byte {
	return append(dst, mustMarshal(map[string]any{
		"Members": t.Members, "Promotables": []string{}, "Rehabs": []string{},
		"PredefinedMentors": map[string]string{}, "DemotionReasons": map[string]string{}, "PromotablesStatus": map[string]string{},
		"ReplicationFactor": t.ReplicationFactor, "DynamicNodesDistribution": false,
		"Stamp":                    map[string]any{"Index": t.Stamp.Index, "Term": t.Stamp.Term, "LeadersTicks": dotNetTicks(t.Stamp.At)},
		"DatabaseTopologyIdBase64": t.TopologyID, "ClusterTransactionIdBase64": t.ClusterTransactionID,
		"PriorityOrder": []string{}, "NodesModifiedAt": t.NodesModifiedAt.UTC().Format("2006-01-02T15:04:05.0000000Z"),
	})...)
}

// dotNetTicks counts the 100 ns steps since the beginning of the year 1, as clients count time.
func dotNetTicks(t time.Time) int64 {
	const secondsToUnix = 62_135_596_800
	return (t.Unix()+secondsToUnix)*1e7 + int64(t.Nanosecond())/100
}

func settingsJSON(settings map[string]string) []byte {
	if settings == nil {
		return emptyObject
	}
	return mustMarshal(settings) // sorts the keys
}
