package api

import (
	"context"
	"fmt"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/operation"
)

// postCompact begins to compact a database of this node.
func (h *handler) postCompact(r *request) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	name, err := compactionTarget(body)
	if err != nil {
		return err
	}
	record, ok := h.server.Cluster().State().Database(name)
	if !ok {
		return &cluster.DatabaseMissingError{Name: name}
	}
	id, err := h.server.Operations().Start(
		operation.Spec{Kind: "DatabaseCompact", Description: record.Name},
		func(ctx context.Context, report func(any)) (any, error) { return h.compact(ctx, record.Name, report) },
	)
	if err != nil {
		return err
	}
	h.operationStarted(r, id)
	return nil
}

// compactionTarget reads what is to be compacted: the documents of a database. There are no indexes yet that have files.
func compactionTarget(body jsondoc.Value) (name string, err error) {
	if name, err = stringMember(body, "DatabaseName"); err != nil {
		return "", err
	}
	if name == "" {
		return "", &invalidError{what: "member DatabaseName", want: "the name of a database"}
	}
	documents, err := boolMember(body, "Documents")
	if err != nil {
		return "", err
	}
	if f, ok := body.Field("Indexes"); ok && f.Kind() != jsondoc.Null {
		if f.Kind() != jsondoc.Array {
			return "", memberError("Indexes", f, "an array of names")
		}
		for index := range f.Items() {
			return "", &invalidError{what: "index", json: clip(string(index.Raw())), want: "the name of an index of this database, which has none"}
		}
	}
	if !documents {
		return "", &invalidError{what: "member Documents", json: "false", want: "true: there is nothing else to compact"}
	}
	return name, nil
}

// compactionProgress is what is told of a compaction on its way.
type compactionProgress struct {
	Message                  string
	TreeName                 string
	GlobalProgress           uint64 // entries
	GlobalTotal              uint64
	BytesBefore, BytesCopied int64
}

// compactionResult is what is told of one that has completed.
type compactionResult struct {
	Message                                           string
	SizeBeforeCompactionInMb, SizeAfterCompactionInMb int64
	BytesBefore, BytesAfter                           int64
}

func (h *handler) compact(ctx context.Context, name string, report func(any)) (any, error) {
	result, err := h.server.Compact(ctx, name, func(p database.CompactionProgress) {
		report(compactionProgress{
			Message: string(p.Stage), TreeName: p.Structure, GlobalProgress: p.Entries, GlobalTotal: p.Total,
			BytesBefore: p.BytesBefore, BytesCopied: p.Bytes,
		})
	})
	if err != nil {
		return nil, err
	}
	return compactionResult{
		Message:                  fmt.Sprintf("database %q takes %d bytes, it took %d", name, result.BytesAfter, result.BytesBefore),
		SizeBeforeCompactionInMb: result.BytesBefore >> 20, SizeAfterCompactionInMb: result.BytesAfter >> 20,
		BytesBefore: result.BytesBefore, BytesAfter: result.BytesAfter,
	}, nil
}
