package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

func newCompactCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "compact DIR [DATABASE]",
		Short: "Give the space of deleted data back to the disk, while no server has the database open",
		Long: `Rewrite the files of one database, so that they hold nothing but what is live. DIR is the directory of the database, or
a data directory with the DATABASE in it. It needs as much free space as the live data takes.

Ctrl-C, a crash or a power cut leave the database as it was, or compacted. The server can do the same while other databases
serve: POST /admin/compact.

An encrypted database is opened with its key file, as rookery check does it.`,
		Example: "  rookery compact ./data Shop\n  rookery compact ./data/Databases/shop",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := filepath.ToSlash(args[0])
			if len(args) == 2 {
				dir = server.DatabaseDir(dir, args[1])
			}
			ctx, release := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer release()
			return compact(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr(), vfs.OS(), dir)
		},
	}
}

// notDatabaseError reports a directory that compact cannot work on.
type notDatabaseError struct{ dir string }

// Kind implements the fault package's contract.
func (*notDatabaseError) Kind() fault.Kind { return fault.Invalid }

func (e *notDatabaseError) Error() string {
	return fmt.Sprintf("%s holds no database: expected the directory of one, with the file %s, or a data directory and the name of a database",
		e.dir, storage.DataFileName)
}

// compact compacts the database in dir; sizes go to out, progress to errOut.
func compact(ctx context.Context, out, errOut io.Writer, fsys vfs.FS, dir string) error {
	encryption, err := encryptionOf(fsys, dir)
	if err != nil {
		return err
	}
	shown := newProgress(errOut, "compact", time.Now)
	result, err := database.Compact(ctx, database.Options{
		Name: path.Base(dir), Dir: dir, FS: fsys, NodeTag: "A", DatabaseID: noDatabaseID, Now: time.Now, Rand: newRand(),
		Logger: slog.New(slog.NewTextHandler(errOut, nil)), Encryption: encryption,
	}, func(p database.CompactionProgress) {
		shown.name = "compact: " + string(p.Stage)
		shown.update(int64(p.Entries), int64(p.Total))
	})
	shown.end()
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("stopped: the database in %s is as it was", dir)
	case errors.As(err, new(*storage.MissingError)):
		return &notDatabaseError{dir: dir}
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(out, "%s: %d bytes before, %d bytes after\n", dir, result.BytesBefore, result.BytesAfter)
	return err
}
