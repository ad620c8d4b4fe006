package keyring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Keyring keeps the keys of one data directory. Its methods may be called by any number of goroutines.
type Keyring struct {
	options Options

	// turn holds one element when nobody uses the master key. Whoever takes it does, and puts it back; so a caller can stop
	// waiting when its context ends.
	turn chan struct{}
	// Guarded by turn:
	master      *master   // nil until it was needed
	failed      error     // the last failure to fetch it
	failedUntil time.Time // until then, failed is the answer
}

// New returns the keyring; nothing is read until it is needed. End with Close.
func New(o Options) *Keyring {
	o.check()
	k := &Keyring{options: o, turn: make(chan struct{}, 1)}
	k.turn <- struct{}{}
	return k
}

// Close forgets the master key. Keys that were handed out stay valid.
func (k *Keyring) Close() {
	<-k.turn
	k.use(nil)
	k.turn <- struct{}{}
}

// Create makes a new random key for db and returns it; the caller destroys it, or leaves that to the collector. The key file is durable
// then. Errors:
// *KeyExistsError, *SourceError, and those of the disk.
func (k *Keyring) Create(ctx context.Context, db Database) (*secret.Sealed, error) {
	key := new([crypt.KeyBytes]byte)
	defer clear(key[:])
	if _, err := io.ReadFull(k.options.Random, key[:]); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	if err := k.store(ctx, db, key, false); err != nil {
		return nil, err
	}
	return secret.Seal(key, k.options.Random, k.options.Memory)
}

// Store keeps a key that was made elsewhere. Without an ID it waits for the database that will be created in db.Dir. Errors
// are those of Create.
func (k *Keyring) Store(ctx context.Context, db Database, key *[crypt.KeyBytes]byte) error {
	return k.store(ctx, db, key, false)
}

// Replace is Store that overwrites the key that is there. What was encrypted with that one cannot be read any more.
func (k *Keyring) Replace(ctx context.Context, db Database, key *[crypt.KeyBytes]byte) error {
	return k.store(ctx, db, key, true)
}

// Load returns the key of db, as Create does. A key that was stored before the database was made is bound to db.ID
// now. Errors: *KeyMissingError, *SourceError, *WrongMasterError, *OtherDatabaseError, *KeyFileError, *NewerFormatError, and
// those of the disk.
func (k *Keyring) Load(ctx context.Context, db Database) (*secret.Sealed, error) {
	key := new([crypt.KeyBytes]byte)
	defer clear(key[:])
	err := k.withMaster(ctx, func(m *master) error {
		return k.withKey(db, m, key, func(file *keyFile) error { return k.bind(db, file, key, m) })
	})
	if err != nil {
		return nil, err
	}
	return secret.Seal(key, k.options.Random, k.options.Memory)
}

// Has says whether db has a key file.
func (k *Keyring) Has(db Database) (bool, error) {
	_, err := k.options.FS.Stat(keyPath(db))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Ready fetches the master key if that was not done yet: what would keep a new database from being encrypted is told before it
// is made. Errors are *SourceError and those of the disk.
func (k *Keyring) Ready(ctx context.Context) error {
	return k.withMaster(ctx, func(*master) error { return nil })
}

func (k *Keyring) store(ctx context.Context, db Database, key *[crypt.KeyBytes]byte, replace bool) error {
	return k.withMaster(ctx, func(m *master) error {
		has, err := k.Has(db)
		switch {
		case err != nil:
			return err
		case has && !replace:
			return &KeyExistsError{Name: db.Name}
		}
		if err := k.options.FS.MkdirAll(db.Dir); err != nil {
			return err
		}
		return k.write(db, parseID(db.ID), key, m)
	})
}

// bind looks whether file is that of db, and makes it so when it was stored before db was made.
func (k *Keyring) bind(db Database, file *keyFile, key *[crypt.KeyBytes]byte, m *master) error {
	id := parseID(db.ID)
	switch {
	case db.ID == "" || file.database == id:
		return nil
	case file.database == [idBytes]byte{}:
		return k.write(db, id, key, m)
	default:
		return &OtherDatabaseError{Name: db.Name, Found: printID(file.database), Want: db.ID}
	}
}

// write puts the key file in place, durably, with a slot for each master key.
func (k *Keyring) write(db Database, id [idBytes]byte, key *[crypt.KeyBytes]byte, masters ...*master) error {
	file := &keyFile{database: id}
	for _, m := range masters {
		s := slot{master: m.id}
		if _, err := io.ReadFull(k.options.Random, s.nonce[:]); err != nil {
			return fmt.Errorf("draw a nonce: %w", err)
		}
		crypt.AppendWrapped(s.wrapped[:0], m.key.Open(), key, &s.nonce, file.associated(path.Base(db.Dir)))
		m.key.Close()
		file.slots = append(file.slots, s)
	}
	if err := vfs.WriteFileDurable(k.options.FS, keyPath(db), appendKeyFile(nil, file)); err != nil {
		return fmt.Errorf("keep the key of database %q: %w", db.Name, err)
	}
	return nil
}

// read returns the key file of db. *KeyMissingError when there is none.
func (k *Keyring) read(db Database) (*keyFile, error) {
	b, err := vfs.ReadFile(k.options.FS, keyPath(db))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &KeyMissingError{Name: db.Name}
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of database %q: %w", db.Name, err)
	}
	return decodeKeyFile(b, db.Name)
}

// open puts the key that f has under m into key.
func (f *keyFile) open(key *[crypt.KeyBytes]byte, m *master, db Database) error {
	i := slices.IndexFunc(f.slots, func(s slot) bool { return s.master == m.id })
	if i < 0 {
		wrong := &WrongMasterError{Name: db.Name, Have: m.id}
		for _, s := range f.slots {
			wrong.Want = append(wrong.Want, s.master)
		}
		return wrong
	}
	s := &f.slots[i]
	defer m.key.Close()
	if !crypt.Unwrap(key, m.key.Open(), &s.nonce, s.wrapped[:], f.associated(path.Base(db.Dir))) {
		return &KeyFileError{Name: db.Name, What: fmt.Sprintf("it does not open: it is damaged, or was made for another directory than %q", path.Base(db.Dir))}
	}
	return nil
}

// withKey puts the key of db into key, which the caller wipes, and calls fn.
func (k *Keyring) withKey(db Database, m *master, key *[crypt.KeyBytes]byte, fn func(file *keyFile) error) error {
	file, err := k.read(db)
	if err != nil {
		return err
	}
	if err := file.open(key, m, db); err != nil {
		return err
	}
	return fn(file)
}

func keyPath(db Database) string { return path.Join(db.Dir, FileName) }
