package server

import (
	"context"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/storage"
)

// Compact rewrites the files of a database on this node, so that they hold nothing but what is live, and returns when the
// database can be used again. Meanwhile its callers get *DatabaseCompactingError; other databases and other nodes serve.
// report is called after each step, in a goroutine of the server.
//
// When ctx ends, when the server closes, or when the database is deleted or disabled, the compaction is given up and the
// database stays as it was; so it does after any error.
//
// Errors: *InMemoryError, those of database.Compact, *cluster.DatabaseMissingError, *ClosedError; *DatabaseCompactingError
// when it is being compacted already.
func (s *Server) Compact(
	ctx context.Context, name string, report func(database.CompactionProgress),
) (result storage.CompactionResult, err error) {
	if s.config.RunInMemory {
		return result, &InMemoryError{Name: name}
	}
	err = s.offline(ctx, name, &DatabaseCompactingError{Name: name}, func(ctx context.Context, o database.Options) (err error) {
		result, err = database.Compact(ctx, o, report)
		return err
	})
	if err == nil {
		s.log.Info("database compacted", "db", name, "bytes_before", result.BytesBefore, "bytes_after", result.BytesAfter)
	}
	return result, err
}
