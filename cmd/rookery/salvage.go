package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/vfs"
)

// salvageFlags are the flags of rookery salvage.
type salvageFlags struct {
	force          bool
	ignoreJournals bool
	keyFile        string // "-": standard input; "": plain files
}

func newSalvageCommand() *cobra.Command {
	var flags salvageFlags
	cmd := &cobra.Command{
		Use:   "salvage DATA_DIR OUT",
		Short: "Get documents out of files that do not open any more; changes nothing in DATA_DIR",
		Long: `Read the files of a damaged database page by page, and write every document that can be proven to OUT:

  documents.ravendbdump          the newest version of each document, as an export that can be imported
  possibly-deleted.ravendbdump   documents that were deleted, or that lie where nothing is in use any more
  report.json                    what was found, what is damaged, what is known to be lost

DATA_DIR is the directory of a database, or its data file alone; headers, trees and journals may be missing or damaged. With
the data directory of a server, each database gets a directory of its own in OUT. OUT holds documents in clear. An encrypted
database needs its key, which "rookery key print" shows while the key file is whole.

This is the last resort. A backup, or another node, has what no tool can find in damaged files. Indexes, settings and what
belongs to the cluster are not salvaged, and a file that somebody has tampered with may yield what was never stored.

Exits with 0 when nothing was damaged, with 1 when something was, with 2 when it could not work.`,
		Example: "  rookery salvage ./data/Databases/shop ./saved",
		Args: func(cmd *cobra.Command, args []string) error {
			return couldNotRun(cobra.ExactArgs(2)(cmd, args))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, out := filepath.ToSlash(filepath.Clean(args[0])), filepath.ToSlash(filepath.Clean(args[1]))
			encryption, err := readKey(flags.keyFile, cmd.InOrStdin())
			if err != nil {
				return couldNotRun(err)
			}
			s := salvager{w: cmd.ErrOrStderr(), fs: vfs.OS(), flags: flags, encryption: encryption}
			return s.all(dir, out)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return couldNotRun(err) })
	cmd.Flags().BoolVar(&flags.force, "force", false, "write to OUT although it is not empty; files of an earlier run are replaced")
	cmd.Flags().BoolVar(&flags.ignoreJournals, "ignore-journals", false, "read the data file as it is, without what the journals say came after")
	cmd.Flags().StringVar(&flags.keyFile, "key-file", "", "file with the key of an encrypted database in base64; - reads it from standard input")
	return cmd
}

// encryption is salvage.Options.Encryption.
type encryption func(env [16]byte) (salvage.Opener, error)

// readKey reads the key of an encrypted database; nil when none was named.
func readKey(name string, stdin io.Reader) (encryption, error) {
	if name == "" {
		return nil, nil
	}
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read key: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, 1024)) // a key has 44 characters
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != salvage.KeyBytes {
		return nil, fmt.Errorf("the key must be %d bytes in base64", salvage.KeyBytes) // and nothing of what was read
	}
	return salvage.WithKey([salvage.KeyBytes]byte(key)), nil
}

// salvageError is an error of a run that ends with another code than other commands'.
type salvageError struct {
	err  error
	code int
}

func (e *salvageError) Error() string { return e.err.Error() }
func (e *salvageError) Unwrap() error { return e.err }
func (e *salvageError) ExitCode() int { return e.code }

// couldNotRun gives an error the code of a run that could not work; nil stays nil.
func couldNotRun(err error) error {
	if err == nil {
		return nil
	}
	return &salvageError{err: err, code: exitUsage}
}

// errDamaged says that all went well with files that are not.
var errDamaged = errors.New("damage was found; see report.json")

// salvager runs salvage once for each environment.
type salvager struct {
	w          io.Writer // for people
	fs         vfs.FS
	flags      salvageFlags
	encryption encryption
}

// all salvages the environment in dir, or all those of a server's data directory.
func (s *salvager) all(dir, out string) error {
	places, err := findRemains(s.fs, dir)
	if err != nil {
		return couldNotRun(err)
	}
	damaged := false
	for _, place := range places {
		report, err := s.one(path.Join(dir, place), path.Join(out, place))
		if err != nil {
			return couldNotRun(err)
		}
		damaged = damaged || report.Damage()
	}
	if damaged {
		return &salvageError{err: errDamaged, code: exitFailure}
	}
	return nil
}

func (s *salvager) one(dir, out string) (*salvage.Report, error) {
	progress := newProgress(s.w, "salvage "+path.Base(dir), time.Now)
	report, err := salvage.Run(salvage.Options{
		FS: s.fs, Dir: dir, Out: out, Now: time.Now, Force: s.flags.force, IgnoreJournals: s.flags.ignoreJournals,
		Encryption: s.encryption, Progress: progress.update,
	})
	progress.end()
	if err != nil {
		return nil, fmt.Errorf("salvage %s: %w", dir, err)
	}
	report.Summary(s.w)
	return report, nil
}

// findRemains returns where below dir there is something of a database, from dir: "" for dir itself. The cluster's own
// environment has no documents and is left out.
func findRemains(fsys vfs.FS, dir string) ([]string, error) {
	info, err := fsys.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir {
		return []string{""}, nil
	}
	names, err := fsys.List(dir)
	if err != nil {
		return nil, err
	}
	if salvage.IsEnvironment(names) {
		return []string{""}, nil
	}
	const databases = "Databases" // where a server keeps them
	below, err := fsys.List(path.Join(dir, databases))
	if err != nil {
		return nil, &salvage.NothingFoundError{Dir: dir}
	}
	var found []string
	for _, name := range below {
		place := path.Join(databases, name)
		if names, err := fsys.List(path.Join(dir, place)); err == nil && salvage.IsEnvironment(names) {
			found = append(found, place)
		}
	}
	if len(found) == 0 {
		return nil, &salvage.NothingFoundError{Dir: dir}
	}
	return found, nil
}
