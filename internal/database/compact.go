package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// CompactionStage says what a compaction is doing.
type CompactionStage string

// The stages, in their order.
const (
	CompactionCopies CompactionStage = "copying" // nothing of the original has changed yet, nor in the next one
	CompactionChecks CompactionStage = "checking the copy"
	CompactionSwaps  CompactionStage = "putting the copy in place"
)

// CompactionProgress says how far a compaction is.
type CompactionProgress struct {
	Stage CompactionStage
	storage.CopyProgress
	BytesBefore int64 // of all files of the database
}

// Compact rewrites the database in o.Dir, which nobody may have open, so that its files hold nothing but what is live.
// Documents, ids, etags, change vectors and tombstones stay the same. report, if not nil, is called after each step, in this
// goroutine.
//
// When ctx ends before the copy is put in place, the database stays as it was, and the error is that of ctx. A crash at any
// time leaves the database as it was or compacted; the next open cleans up. Other errors are those of storage's
// Compaction and Copy; the database can be opened after each of them, unless its files were damaged before.
func Compact(ctx context.Context, o Options, report func(CompactionProgress)) (storage.CompactionResult, error) {
	c, err := storage.BeginCompaction(o.environment())
	if err != nil {
		return storage.CompactionResult{}, fmt.Errorf("compact database %q: %w", o.Name, err)
	}
	result, err := compact(ctx, c, report)
	if err = errors.Join(err, c.Close()); err != nil {
		return storage.CompactionResult{}, fmt.Errorf("compact database %q: %w", o.Name, err)
	}
	return result, nil
}

func compact(ctx context.Context, c *storage.Compaction, report func(CompactionProgress)) (storage.CompactionResult, error) {
	at := CompactionProgress{Stage: CompactionCopies, BytesBefore: c.BytesBefore()}
	tell := func() {
		if report != nil {
			report(at)
		}
	}
	for progress, err := range storage.Copy(c.Source(), c.Target(), docstore.CopyParts()) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return storage.CompactionResult{}, err
		}
		at.CopyProgress = progress
		tell()
	}
	at.Stage = CompactionChecks
	tell()
	if err := c.Seal(ctx.Err); err != nil {
		return storage.CompactionResult{}, err
	}
	if err := ctx.Err(); err != nil {
		return storage.CompactionResult{}, err
	}
	at.Stage = CompactionSwaps
	tell()
	return c.Swap()
}
