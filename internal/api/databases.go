package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// getDatabases lists the names of the databases, in their order.
func (h *handler) getDatabases(r *request) error {
	start, err := r.intParam("start", 0)
	if err != nil {
		return err
	}
	size, err := r.intParam("pageSize", int(maxInt))
	if err != nil {
		return err
	}
	namesOnly, err := r.boolParam("namesOnly")
	if err != nil {
		return err
	}
	r.str(`{"Databases":[`)
	i, written := 0, 0
	for db := range h.server.Cluster().State().Databases() {
		if i++; i <= start {
			continue
		}
		if written == size {
			break
		}
		if written > 0 {
			r.str(`,`)
		}
		written++
		r.databaseEntry(db, namesOnly)
	}
	r.str(`]}`)
	return nil
}

func (r *reply) databaseEntry(db *cluster.Database, nameOnly bool) {
	if nameOnly {
		r.quote(db.Name)
		return
	}
	r.str(`{"Name":`)
	r.quote(db.Name)
	r.str(`,"Disabled":`)
	r.bool(db.Disabled)
	r.str(`,"LockMode":`)
	r.quote(string(db.LockMode))
	r.str(`,"NodesTopology":`)
	r.body = db.Topology.AppendJSON(r.body)
	r.str(`}`)
}

// getDatabaseRecord answers with a database's record; 404, which clients read as null, when there is none.
func (h *handler) getDatabaseRecord(r *request) error {
	name := r.params.get("name")
	if name == "" {
		return &invalidError{what: "parameter name", want: "the database's name"}
	}
	db, ok := h.server.Cluster().State().Database(name)
	if !ok {
		return &noRecordError{name: name}
	}
	r.body = db.AppendRecord(r.body)
	return nil
}

// getOwnRecord answers with the record of the database in the path.
func (h *handler) getOwnRecord(r *request) error {
	db, ok := h.server.Cluster().State().Database(r.dbName)
	if !ok {
		return &cluster.DatabaseMissingError{Name: r.dbName}
	}
	r.body = db.AppendRecord(r.body)
	return nil
}

// putDatabase creates a database, or, with the etag of a record in the header, changes its record.
func (h *handler) putDatabase(r *request) error {
	name := r.params.get("name")
	if name == "" {
		return &invalidError{what: "parameter name", want: "the database's name"}
	}
	record, err := r.recordBody()
	if err != nil {
		return err
	}
	factor, err := r.intParam("replicationFactor", 0)
	if err != nil {
		return err
	}
	var result cluster.Result
	if etag, ok := recordEtag(r.header); ok {
		result, err = h.server.UpdateDatabase(r.http.Context(), r.raftRequestID(), cluster.UpdateDatabase{
			Name: name, Record: record, Expected: etag,
		})
	} else {
		result, err = h.server.CreateDatabase(r.http.Context(), r.raftRequestID(), cluster.CreateDatabase{
			Name: name, Record: record, ReplicationFactor: factor,
		})
	}
	if err != nil {
		return err
	}
	return h.putResult(r, name, result)
}

// putResult tells what became of a created or changed database.
func (h *handler) putResult(r *request, name string, result cluster.Result) error {
	st := h.server.Cluster().State()
	db, ok := st.Database(name)
	if !ok {
		return &cluster.DatabaseMissingError{Name: name} // deleted again meanwhile
	}
	r.status = http.StatusCreated
	r.member(`{"RaftCommandIndex":`, int64(result.Index))
	r.str(`,"Name":`)
	r.quote(db.Name)
	r.str(`,"Topology":`)
	r.body = db.Topology.AppendJSON(r.body)
	r.str(`,"NodesAddedTo":[`)
	for i, tag := range db.Topology.Members {
		if i > 0 {
			r.str(`,`)
		}
		r.quote(h.nodeURL(r, st, tag))
	}
	r.str(`]}`)
	return nil
}

// recordEtag reads the etag of a record; clients that create send none, or the word undefined.
func recordEtag(header http.Header) (uint64, bool) {
	n, err := strconv.ParseUint(unquote(first(header["Etag"])), 10, 64)
	return n, err == nil && n > 0
}

// raftRequestID marks one logical request, so that a repeated one takes effect once.
func (r *request) raftRequestID() string { return r.params.get("raft-request-id") }

// recordBody reads the body as a JSON object; an empty one stands for no record.
func (r *request) recordBody() (json.RawMessage, error) {
	text, err := r.readBody()
	if err != nil || len(text) == 0 {
		return nil, err
	}
	doc, err := jsondoc.Parse(text)
	if err != nil {
		return nil, err
	}
	if doc.Root().Kind() != jsondoc.Object {
		return nil, &invalidError{what: "the request body", json: clip(string(doc.Text())), want: "a JSON object"}
	}
	return json.RawMessage(doc.Text()), nil
}

// deleteDatabases deletes databases and waits until this node has removed them.
func (h *handler) deleteDatabases(r *request) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	var cmd cluster.DeleteDatabases
	if cmd.HardDelete, err = boolMember(body, "HardDelete"); err != nil {
		return err
	}
	if cmd.Names, err = namesField(body, "DatabaseNames"); err != nil {
		return err
	}
	if cmd.FromNodes, err = nodesField(body); err != nil {
		return err
	}
	result, pending, err := h.server.DeleteDatabases(r.http.Context(), r.raftRequestID(), cmd, confirmationWait(body))
	if err != nil {
		return err
	}
	index := int64(-1) // when a lock kept all of them
	for _, o := range result.Outcomes {
		if o.Done {
			index = int64(result.Index)
		}
	}
	r.member(`{"RaftCommandIndex":`, index)
	r.str(`,"PendingDeletes":[`)
	for i, tag := range pending {
		if i > 0 {
			r.str(`,`)
		}
		r.quote(tag)
	}
	r.str(`]}`)
	return nil
}

// confirmationWait reads TimeToWaitForConfirmation: a number of milliseconds (or, far above any sense for them, of nanoseconds,
// as one client counts), or a time span; 0 when there is none.
func confirmationWait(v jsondoc.Value) time.Duration {
	const nanosecondsFrom = 100_000_000
	f, ok := v.Field("TimeToWaitForConfirmation")
	if !ok {
		return 0
	}
	if f.Kind() == jsondoc.String {
		return docstore.ParseTimeSpan(f.Str())
	}
	n, ok := f.Int64()
	switch {
	case !ok || n <= 0:
		return 0
	case n >= nanosecondsFrom:
		return time.Duration(n)
	}
	return time.Duration(n) * time.Millisecond
}

// namesField reads an array of texts that must not be empty.
func namesField(v jsondoc.Value, name string) ([]string, error) {
	f, err := arrayMember(v, name, "names")
	if err != nil {
		return nil, err
	}
	if f.Len() == 0 {
		return nil, memberError(name, f, "at least one name")
	}
	return texts(f, name)
}

// nodesField reads FromNodes, which clients send as null, one tag, or an array of tags.
func nodesField(v jsondoc.Value) ([]string, error) {
	f, ok := v.Field("FromNodes")
	switch {
	case !ok || f.Kind() == jsondoc.Null:
		return nil, nil
	case f.Kind() == jsondoc.String:
		return []string{f.Str()}, nil
	case f.Kind() == jsondoc.Array:
		return texts(f, "FromNodes")
	}
	return nil, &invalidError{what: "member FromNodes of the body", json: clip(string(f.Raw())), want: "node tags"}
}

func texts(list jsondoc.Value, name string) ([]string, error) {
	out := make([]string, 0, list.Len())
	for item := range list.Items() {
		if item.Kind() != jsondoc.String {
			return nil, &invalidError{what: "an entry of " + name, json: clip(string(item.Raw())), want: "a text"}
		}
		out = append(out, item.Str())
	}
	return out, nil
}

func (h *handler) enableDatabases(r *request) error { return h.setDisabled(r, false) }

func (h *handler) disableDatabases(r *request) error { return h.setDisabled(r, true) }

// setDisabled opens or closes databases for use. One that does not exist fails alone.
func (h *handler) setDisabled(r *request, disabled bool) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	names, err := namesField(body, "DatabaseNames")
	if err != nil {
		return err
	}
	result, err := h.server.SetDisabled(r.http.Context(), r.raftRequestID(), cluster.SetDisabled{Names: names, Disabled: disabled})
	if err != nil {
		return err
	}
	r.str(`{"Status":[`)
	for i, o := range result.Outcomes {
		if i > 0 {
			r.str(`,`)
		}
		r.str(`{"Name":`)
		r.quote(o.Name)
		r.str(`,"Success":`)
		r.bool(o.Done)
		r.str(`,"Disabled":`)
		r.bool(disabled && o.Done)
		r.str(`,"Reason":`)
		r.quote(o.Reason)
		r.str(`}`)
	}
	r.str(`]}`)
	return nil
}

// setDatabaseLock protects databases from deletion, or not: all of those named, or none.
func (h *handler) setDatabaseLock(r *request) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	names, err := namesField(body, "DatabaseNames")
	if err != nil {
		return err
	}
	mode, err := stringMember(body, "Mode")
	if err != nil {
		return err
	}
	_, err = h.server.SetLockMode(r.http.Context(), r.raftRequestID(), cluster.SetLockMode{
		Names: names, Mode: cluster.LockMode(mode),
	})
	if err != nil {
		return err
	}
	r.noContent()
	return nil
}

// putSettings replaces the settings of a database; they take effect when it is opened the next time.
func (h *handler) putSettings(r *request) error {
	settings, err := r.recordBody()
	if err != nil {
		return err
	}
	if _, err := h.server.PutSettings(r.http.Context(), r.raftRequestID(), cluster.PutSettings{Name: r.dbName, Settings: settings}); err != nil {
		return err
	}
	r.noContent()
	return nil
}

// putClientConfiguration replaces what the clients of a database are told.
func (h *handler) putClientConfiguration(r *request) error {
	configuration, err := r.recordBody()
	if err != nil {
		return err
	}
	_, err = h.server.PutClientConfiguration(r.http.Context(), r.raftRequestID(), cluster.PutClientConfiguration{
		Name: r.dbName, Configuration: configuration,
	})
	if err != nil {
		return err
	}
	r.noContent()
	return nil
}
