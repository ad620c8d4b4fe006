package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rookerydb/rookery/internal/operation"
)

// operationScope is whose operations a request speaks of: those of the database in the path, or the server's.
func (r *request) operationScope() string {
	if r.db == nil {
		return ""
	}
	return r.db.Name()
}

// operationID reads the parameter id.
func (r *request) operationID() (operation.ID, error) {
	text := r.params.get("id")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, &invalidError{what: "parameter id", value: text, want: "the number of an operation"}
	}
	return operation.ID(n), nil
}

// getNextOperationID gives out an id for work that the client will send with it.
func (h *handler) getNextOperationID(r *request) error {
	r.member(`{"Id":`, int64(h.server.Operations().Reserve(r.operationScope())))
	r.str(`,"NodeTag":`)
	r.quote(h.server.NodeTag())
	r.str(`}`)
	return nil
}

// operationStarted answers a request that has begun an operation.
func (h *handler) operationStarted(r *request, id operation.ID) {
	r.status = http.StatusAccepted
	r.member(`{"OperationId":`, int64(id))
	r.str(`,"OperationNodeTag":`)
	r.quote(h.server.NodeTag())
	r.str(`}`)
}

// getOperationState tells how far an operation is, or how it ended.
func (h *handler) getOperationState(r *request) error {
	id, err := r.operationID()
	if err != nil {
		return err
	}
	s, err := h.server.Operations().Status(r.operationScope(), id)
	if err != nil {
		return err
	}
	return r.operationState(s)
}

// operationState appends what clients read of a status.
func (r *request) operationState(s operation.Status) error {
	r.str(`{"Status":`)
	r.quote(r.stateName(s.State))
	r.str(`,"Result":`)
	if s.State == operation.Faulted {
		r.operationFault(s.Err)
	} else if err := r.json(s.Result); err != nil {
		return err
	}
	r.str(`,"Progress":`)
	if err := r.json(s.Progress); err != nil {
		return err
	}
	r.str(`}`)
	return nil
}

// stateName spells Canceled as the asking client does: clients of version 4 wait for ever for the other spelling.
func (r *request) stateName(s operation.State) string {
	if s == operation.Canceled && strings.HasPrefix(first(r.header["Raven-Client-Version"]), "4.") {
		return "Cancelled"
	}
	return s.String()
}

// operationFault appends an error as the result of an operation.
func (r *request) operationFault(err error) {
	a := answerTo(err)
	message := err.Error()
	r.str(`{"$type":"Raven.Client.Documents.Operations.OperationExceptionResult, Raven.Client","Type":`)
	r.quote(a.typ)
	r.str(`,"Message":`)
	r.quote(message)
	r.str(`,"Error":`)
	r.quote(a.typ + ": " + message)
	r.member(`,"StatusCode":`, int64(a.status))
	r.str(`}`)
}

// json appends any value; nil is null.
func (r *request) json(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	r.raw(text)
	return nil
}

// getOperations lists the operations that run or ended lately, the oldest first.
func (h *handler) getOperations(r *request) error {
	r.str(`{"Results":[`)
	for i, s := range h.server.Operations().List(r.operationScope()) {
		if i > 0 {
			r.str(`,`)
		}
		if err := r.operationEntry(s); err != nil {
			return err
		}
	}
	r.str(`]}`)
	return nil
}

func (r *request) operationEntry(s operation.Status) error {
	r.member(`{"Id":`, int64(s.ID))
	r.str(`,"Kind":`)
	r.quote(s.Kind)
	r.str(`,"Description":`)
	r.quote(s.Description)
	r.str(`,"StartTime":`)
	r.quote(s.StartedAt.UTC().Format(time.RFC3339Nano))
	r.str(`,"EndTime":`)
	if s.EndedAt.IsZero() {
		r.str(`null`)
	} else {
		r.quote(s.EndedAt.UTC().Format(time.RFC3339Nano))
	}
	r.str(`,"Killed":`)
	r.bool(s.Cancelling || s.State == operation.Canceled)
	r.str(`,"State":`)
	if err := r.operationState(s); err != nil {
		return err
	}
	r.str(`}`)
	return nil
}

// killOperation asks an operation to end. Whether it did is told by its state.
func (h *handler) killOperation(r *request) error {
	id, err := r.operationID()
	if err != nil {
		return err
	}
	if err := h.server.Operations().Kill(r.operationScope(), id); err != nil {
		return err
	}
	r.noContent()
	return nil
}
