package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// postBulkDocs runs a batch of commands as one transaction: all of them, or none.
func (h *handler) postBulkDocs(r *request) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	mode, err := stringMember(body, "TransactionMode")
	if err != nil {
		return err
	}
	if mode != "" && mode != "SingleNode" {
		return &unsupportedError{what: fmt.Sprintf("transaction mode %q", mode), hint: `"SingleNode" is there`}
	}
	if err := refuseReplicas(r.params); err != nil {
		return err
	}
	list, err := arrayMember(body, "Commands", "commands")
	if err != nil {
		return err
	}
	batch := database.Batch{Commands: make([]database.Command, 0, list.Len())}
	for item := range list.Items() {
		cmd, err := decodeCommand(item)
		if err != nil {
			return fmt.Errorf("entry %d of Commands: %w", len(batch.Commands), err)
		}
		batch.Commands = append(batch.Commands, cmd)
	}
	if len(batch.Commands) > 0 {
		if err := h.write(r, &batch, putsOf(batch)...); err != nil {
			return err
		}
	}
	r.status = http.StatusCreated
	r.str(`{"Results":[`)
	for i, cmd := range batch.Commands {
		if i > 0 {
			r.str(`,`)
		}
		r.commandResult(cmd)
	}
	r.str(`]}`)
	return nil
}

// putsOf returns the puts of a batch.
func putsOf(batch database.Batch) (puts []*database.Put) {
	for _, cmd := range batch.Commands {
		if put, ok := cmd.(*database.Put); ok {
			puts = append(puts, put)
		}
	}
	return puts
}

// refuseReplicas fails a batch that wants to be on other nodes as well, where there are none. "majority" of one node is
// that node, and waiting for indexes where there are none is over at once.
func refuseReplicas(p params) error {
	wanted := p.get("numberOfReplicasToWaitFor")
	if n, err := strconv.Atoi(wanted); err != nil || n < 1 || strings.EqualFold(p.get("throwOnTimeoutInWaitForReplicas"), "false") {
		return nil
	}
	return &replicasError{wanted: wanted}
}

// laterCommands are the command types of clients that this version refuses, with what each is.
var laterCommands = map[string]string{
	"patch": "patching by script", "batchpatch": "patching by script", "jsonpatch": "JSON patch",
	"attachmentput": "attachments", "attachmentdelete": "attachments", "attachmentcopy": "attachments", "attachmentmove": "attachments",
	"counters": "counters", "timeseries": "time series", "timeseriescopy": "time series", "timeserieswithincrements": "time series",
	"compareexchangeput": "compare-exchange", "compareexchangedelete": "compare-exchange",
}

// decodeCommand reads one entry of "Commands".
func decodeCommand(v jsondoc.Value) (database.Command, error) {
	if v.Kind() != jsondoc.Object {
		return nil, &invalidError{what: "a command", json: clip(string(v.Raw())), want: "a JSON object"}
	}
	typ, err := stringMember(v, "Type")
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(typ) {
	case "put":
		return decodePut(v)
	case "delete":
		return decodeDelete(v)
	case "forcerevisioncreation":
		return decodeSaveRevision(v)
	}
	if what, ok := laterCommands[strings.ToLower(typ)]; ok {
		return nil, &unsupportedError{what: fmt.Sprintf("command type %q (%s)", typ, what), hint: "PUT, DELETE and ForceRevisionCreation are there"}
	}
	return nil, &invalidError{what: "member Type", value: typ, want: "PUT, DELETE or ForceRevisionCreation"}
}

func decodePut(v jsondoc.Value) (*database.Put, error) {
	strategy, err := stringMember(v, "ForceRevisionCreationStrategy")
	if err != nil {
		return nil, err
	}
	if strategy != "" && strategy != "None" && strategy != "Before" {
		return nil, &invalidError{what: "member ForceRevisionCreationStrategy", value: strategy, want: "None or Before"}
	}
	id, err := stringMember(v, "Id")
	if err != nil {
		return nil, err
	}
	expected, err := expectedMember(v)
	if err != nil {
		return nil, err
	}
	doc, ok := v.Field("Document")
	if !ok || doc.Kind() == jsondoc.Null {
		return nil, &invalidError{what: "member Document of a PUT", want: "a JSON object"}
	}
	if doc.Kind() != jsondoc.Object {
		return nil, memberError("Document", doc, "a JSON object")
	}
	data, err := jsondoc.Parse(doc.Raw())
	if err != nil {
		return nil, err
	}
	return &database.Put{In: docstore.Put{ID: id, Expected: expected, Data: data, SaveBefore: strategy == "Before"}}, nil
}

func decodeSaveRevision(v jsondoc.Value) (database.Command, error) {
	id, err := stringMember(v, "Id")
	if err == nil && id == "" {
		err = &invalidError{what: "member Id of a ForceRevisionCreation", want: "the document's id"}
	}
	return &database.SaveRevision{ID: id}, err
}

func decodeDelete(v jsondoc.Value) (database.Command, error) {
	id, err := stringMember(v, "Id")
	if err != nil {
		return nil, err
	}
	if id == "" {
		return nil, &invalidError{what: "member Id of a DELETE", want: "the document's id"}
	}
	expected, err := expectedMember(v)
	if err != nil {
		return nil, err
	}
	prefixed, err := boolMember(v, "IdPrefixed")
	switch {
	case err != nil:
		return nil, err
	case prefixed && expected != docstore.Any():
		return nil, &unsupportedError{what: "a change vector with a delete by prefix", hint: "delete the documents one by one"}
	case prefixed:
		return &database.DeletePrefix{Prefix: id}, nil
	}
	return &database.Delete{ID: id, Expected: expected}, nil
}

// expectedMember reads "ChangeVector": null and absent mean no check.
func expectedMember(v jsondoc.Value) (docstore.Expected, error) {
	cv, given, err := givenString(v, "ChangeVector")
	return expectedOf(cv, given), err
}

// commandResult appends the outcome of one command. Members beyond these would come back as metadata of the document.
func (r *reply) commandResult(cmd database.Command) {
	switch c := cmd.(type) {
	case *database.Put:
		r.str(`{"Type":"PUT","@id":`)
		r.quote(c.Out.ID)
		r.str(`,"@collection":`)
		r.quote(c.Out.Collection)
		r.version(&c.Out)
		r.str(`}`)
	case *database.SaveRevision:
		r.str(`{"Type":"ForceRevisionCreation","@id":`)
		r.quote(c.Out.ID)
		r.version(&c.Out)
		r.str(`,"RevisionCreated":`)
		r.bool(c.Saved)
		r.str(`}`)
	case *database.Delete:
		r.str(`{"Type":"DELETE","Id":`)
		r.quote(c.ID)
		r.str(`,"Deleted":`)
		r.bool(c.Out.Existed)
		if c.Out.ChangeVector != "" {
			r.str(`,"ChangeVector":`)
			r.quote(c.Out.ChangeVector)
		}
		r.str(`}`)
	case *database.DeletePrefix:
		r.str(`{"Type":"DELETE","Id":`)
		r.quote(c.Prefix)
		r.str(`,"Deleted":`)
		r.bool(c.Count > 0)
		r.str(`}`)
	}
}

// version appends the members that say in which version a document is.
func (r *reply) version(w *database.Written) {
	r.str(`,"@change-vector":`)
	r.quote(w.ChangeVector)
	r.str(`,"@last-modified":"`)
	r.body = docstore.AppendTime(r.body, w.LastModified)
	r.str(`"`)
	if w.Flags != 0 {
		r.str(`,"@flags":`)
		r.quote(w.Flags.String())
	}
}
