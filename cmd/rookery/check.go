package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/vfs"
)

func newCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check DIR",
		Short: "Verify a data directory that no server has open; changes nothing",
		Long: `Verify every environment below DIR: each page's checksum, each tree's order and links, that every page is
either used once or free, and that rows and index entries agree. Journals are applied in memory only.

Encrypted environments are opened with the key file beside them. The master key comes from where settings in the environment
say (ROOKERY_Security_MasterKey_Path, …), else from the file master.key of the data directory.

Prints a line for each environment and each problem; exits with 1 when there is a problem.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return check(cmd.OutOrStdout(), vfs.OS(), filepath.ToSlash(args[0]))
		},
	}
}

// noDatabaseID stands where an id is asked for: checking writes nothing, so no change vector gets it.
const noDatabaseID = "AAAAAAAAAAAAAAAAAAAAAA"

// problemsError says that check found something.
type problemsError struct{ count int }

func (e *problemsError) Error() string { return fmt.Sprintf("%d problems found", e.count) }

// check verifies all environments below dir.
func check(out io.Writer, fsys vfs.FS, dir string) error {
	count, err := eachEnvironment(fsys, dir, func(env *storage.Env, name string) (int, error) {
		return checkEnvironment(out, env, name)
	})
	if err != nil {
		return err
	}
	if count > 0 {
		return &problemsError{count: count}
	}
	return nil
}

// checkEnvironment prints what is wrong with one environment, and counts it.
func checkEnvironment(out io.Writer, env *storage.Env, name string) (int, error) {
	count := 0
	report := func(problem error) {
		count++
		fmt.Fprintf(out, "%s: %v\n", name, problem)
	}
	err := env.View(func(tx *storage.ReadTx) error {
		for problem := range storage.Check(tx) {
			report(problem)
		}
		store := docstore.New(docstore.Options{NodeTag: "A", DatabaseID: noDatabaseID, Now: time.Now, Rand: newRand()})
		for problem := range store.Check(tx) {
			report(problem)
		}
		fmt.Fprintf(out, "%s: transaction %d, %d problems\n", name, tx.ID(), count)
		return nil
	})
	return count, err
}

// eachEnvironment opens every environment at or below dir, read-only, and adds up what fn counts. One that cannot
// be opened counts as a problem of its own; the others are still visited.
func eachEnvironment(fsys vfs.FS, dir string, fn func(env *storage.Env, name string) (int, error)) (int, error) {
	dirs, err := findEnvironments(fsys, dir)
	if err != nil {
		return 0, err
	}
	if len(dirs) == 0 {
		return 0, fmt.Errorf("%s holds no environment: expected a data directory, or a directory with the file %s", dir, storage.DataFileName)
	}
	total := 0
	var failures []error
	for _, d := range dirs {
		env, err := openToRead(fsys, d)
		if err != nil {
			if storage.IsInvalidJournal(err) {
				err = fmt.Errorf("%w; serve opens it without what follows when Storage.Dangerous.IgnoreInvalidJournalErrors is true", err)
			}
			failures = append(failures, fmt.Errorf("open %s: %w", d, err))
			continue
		}
		n, err := fn(env, d)
		total += n
		if err := errors.Join(err, env.Close()); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", d, err))
		}
	}
	return total, errors.Join(failures...)
}

// openToRead opens one environment, with its key when there is a key file.
func openToRead(fsys vfs.FS, dir string) (*storage.Env, error) {
	encryption, err := encryptionOf(fsys, dir)
	if err != nil {
		return nil, err
	}
	return storage.Open(storage.Options{FS: fsys, Dir: dir, Now: time.Now, Rand: newRand(), ReadOnly: true, Encryption: encryption})
}

// encryptionOf returns the key of the environment in dir; nil when there is no key file.
func encryptionOf(fsys vfs.FS, dir string) (*storage.Encryption, error) {
	c, _, err := config.Parse(nil, os.Environ(), os.ReadFile)
	if err != nil {
		return nil, err
	}
	c.DataDir = path.Dir(path.Dir(dir)) // above the directory of all databases
	db := keyring.Database{Name: path.Base(dir), Dir: dir}
	k := server.OpenKeyring(c, fsys, rand.Reader, time.Now)
	defer k.Close()
	if has, err := k.Has(db); err != nil || !has {
		return nil, err
	}
	key, err := k.Load(context.Background(), db)
	if err != nil {
		return nil, err
	}
	return &storage.Encryption{Key: key, Memory: secret.NewArena(secret.Options{}), Random: rand.Reader}, nil
}

// findEnvironments returns the directories at or below dir that hold an environment.
func findEnvironments(fsys vfs.FS, dir string) ([]string, error) {
	names, err := fsys.List(dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, name := range names {
		full := path.Join(dir, name)
		info, err := fsys.Stat(full)
		if err != nil {
			return nil, err
		}
		if !info.IsDir {
			if name == storage.DataFileName {
				return []string{dir}, nil // environments do not nest
			}
			continue
		}
		below, err := findEnvironments(fsys, full)
		if err != nil {
			return nil, err
		}
		found = append(found, below...)
	}
	return found, nil
}
