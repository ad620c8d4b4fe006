package keyring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/rookerydb/rookery/internal/storage/crypt"
)

// Rotate changes the master key in its file to a new random one, and wraps all keys under it. It may be stopped anywhere and
// called again: at each moment the key in the file opens every database. Errors: *ReadOnlySourceError when the master key is
// not in a file, and those of Load; nothing is changed then.
//
// Three passes: every key file gets the key under the new master key too; the master key's file is replaced; the keys under
// the old master key are dropped.
func (k *Keyring) Rotate(ctx context.Context) error {
	if from := &k.options.Master; from.Program != "" || from.Text != "" {
		return &ReadOnlySourceError{Source: from.describe()}
	}
	next := new([crypt.KeyBytes]byte)
	defer clear(next[:])
	if _, err := io.ReadFull(k.options.Random, next[:]); err != nil {
		return fmt.Errorf("draw a master key: %w", err)
	}
	return k.withMaster(ctx, func(now *master) error { // all passes in one turn: a key that is made between them would get the old one only
		if _, err := k.admit(ctx, now, next); err != nil {
			return err
		}
		if err := k.adopt(next); err != nil {
			return err
		}
		_, err := k.settle(ctx, k.master)
		return err
	})
}

// Admit wraps every key under the master key next too, so that both open them, and returns how many keys there are. When it is
// done, next may take the place of the old one at its source; then Settle. When it was stopped, all keys still open under the
// old one.
func (k *Keyring) Admit(ctx context.Context, next *[crypt.KeyBytes]byte) (count int, err error) {
	err = k.withMaster(ctx, func(now *master) (err error) {
		count, err = k.admit(ctx, now, next)
		return err
	})
	return count, err
}

func (k *Keyring) admit(ctx context.Context, now *master, next *[crypt.KeyBytes]byte) (count int, err error) {
	copied := *next
	admitted, err := k.newMaster(&copied)
	if err != nil {
		return 0, err
	}
	defer admitted.key.Destroy()
	if now.id == admitted.id {
		return k.rewrap(ctx, now, now)
	}
	return k.rewrap(ctx, now, now, admitted)
}

// Settle drops what is wrapped under other master keys than the one that the settings give, and returns how many keys there
// are. Nothing is dropped unless every key opens under that one.
func (k *Keyring) Settle(ctx context.Context) (count int, err error) {
	err = k.withMaster(ctx, func(now *master) (err error) {
		count, err = k.settle(ctx, now)
		return err
	})
	return count, err
}

func (k *Keyring) settle(ctx context.Context, now *master) (count int, err error) {
	return k.rewrap(ctx, now, now)
}

// rewrap writes every key file anew, with the key that opens under now under the masters given. First it looks whether all of them
// open.
func (k *Keyring) rewrap(ctx context.Context, now *master, masters ...*master) (count int, err error) {
	key := new([crypt.KeyBytes]byte)
	defer clear(key[:])
	list, err := k.databases()
	if err != nil {
		return 0, err
	}
	var problems error
	for _, db := range list {
		problems = errors.Join(problems, k.withKey(db, now, key, func(*keyFile) error { return nil }))
	}
	if problems != nil {
		return 0, problems
	}
	for _, db := range list {
		if err := ctx.Err(); err != nil {
			return count, err
		}
		rewrite := func(file *keyFile) error { return k.write(db, file.database, key, masters...) }
		if err := k.withKey(db, now, key, rewrite); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// databases lists what has a key file. Names are those of the directories.
func (k *Keyring) databases() ([]Database, error) {
	names, err := k.options.FS.List(k.options.Databases)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the databases: %w", err)
	}
	var list []Database
	for _, name := range names {
		db := Database{Name: name, Dir: path.Join(k.options.Databases, name)}
		has, err := k.Has(db)
		if err != nil {
			return nil, err
		}
		if has {
			list = append(list, db)
		}
	}
	return list, nil
}

// adopt puts next into the master key's file and uses it from here on.
func (k *Keyring) adopt(next *[crypt.KeyBytes]byte) error {
	if err := k.writeMasterFile(next); err != nil {
		return err
	}
	m, err := k.newMaster(next)
	if err != nil {
		return err
	}
	k.use(m)
	return nil
}

func (m *Master) describe() string {
	switch {
	case m.Program != "":
		return m.programSource()
	case m.Text != "":
		return "setting Master.Key"
	default:
		return fileSource(m.Path)
	}
}
