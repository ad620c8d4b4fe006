package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/vfs"
)

// keyringOptions says where the keys of a data directory are, as the settings have it. data is the file system of the
// databases, disk that of a master key's file which the settings name.
func keyringOptions(c config.Config, data, disk vfs.FS, random io.Reader, now func() time.Time) keyring.Options {
	at := layout{root: c.DataDir}
	o := keyring.Options{
		FS: data, Databases: at.databases(), Random: random, Now: now, Memory: secret.Options{MustLock: c.Encryption.MustLock},
		Master: keyring.Master{
			Path: at.masterKey(), MakeFile: true,
			Program: c.Encryption.MasterKeyProgram, Arguments: c.Encryption.MasterKeyArguments, Timeout: c.Encryption.MasterKeyTimeout,
			Text: c.Encryption.MasterKeyText,
		},
	}
	if named := c.Encryption.MasterKeyPath; named != "" {
		o.Master.FS, o.Master.Path, o.Master.MakeFile = disk, filepath.ToSlash(named), false
	}
	return o
}

// OpenKeyring opens the keyring of a data directory to look at it, whoever works there. It makes no master key.
func OpenKeyring(c config.Config, disk vfs.FS, random io.Reader, now func() time.Time) *keyring.Keyring {
	o := keyringOptions(c, disk, disk, random, now)
	o.Master.MakeFile = false
	return keyring.New(o)
}

// LockKeyring opens the keyring of a data directory on which no server works; none can until the closer is closed. Close the
// keyring, then the closer. *DataDirInUseError when there is one.
func LockKeyring(c config.Config, disk vfs.FS, random io.Reader, now func() time.Time) (*keyring.Keyring, io.Closer, error) {
	s := &Server{fs: disk, layout: layout{root: c.DataDir}}
	if _, err := disk.Stat(s.layout.databases()); err != nil { // a slip in the name must not make another one
		return nil, nil, fmt.Errorf("%q is no data directory: %w", c.DataDir, err)
	}
	if err := s.lockDataDir(); err != nil {
		return nil, nil, err
	}
	return keyring.New(keyringOptions(c, disk, disk, random, now)), s.lock, nil
}

// KeyOf says whose key is meant by the name of a database in the data directory, whatever its id is.
func KeyOf(c config.Config, name string) keyring.Database {
	return keyring.Database{Name: name, Dir: layout{root: c.DataDir}.database(name)}
}

// mayEncrypt says whether record asks for an encrypted database. *EncryptionRefusedError when it does and cannot have one.
func (s *Server) mayEncrypt(ctx context.Context, name string, record json.RawMessage) (bool, error) {
	wanted, err := cluster.WantsEncryption(record)
	if err != nil || !wanted {
		return false, err
	}
	if err := s.mayHandleKeys(); err != nil {
		return false, &EncryptionRefusedError{Name: name, Cause: err}
	}
	if err := s.keys.Ready(ctx); err != nil {
		return false, &EncryptionRefusedError{Name: name, Cause: err}
	}
	return true, nil
}

// mayHandleKeys says whether keys may come and go here: *UnsecuredError unless the settings accept that.
func (s *Server) mayHandleKeys() error {
	if !s.config.Encryption.Unsecured {
		return &UnsecuredError{}
	}
	return nil
}

// encryption returns with what the database of record is opened; nil when it is not encrypted. The key is destroyed by the
// collector: readers may outlive the database, and need it until they end.
//
// A database that has no file yet gets a new key, unless one was stored for it. One that has files and no key is not
// opened: its key is lost, or its files are those of a plain database that had the name before.
func (s *Server) encryption(ctx context.Context, record *cluster.Database) (*storage.Encryption, error) {
	if !record.Encrypted {
		return nil, nil
	}
	db := keyring.Database{Name: record.Name, ID: record.ID, Dir: s.layout.database(record.Name)}
	key, err := s.keys.Load(ctx, db)
	if _, missing := errors.AsType[*keyring.KeyMissingError](err); missing {
		_, statErr := s.fs.Stat(path.Join(db.Dir, storage.DataFileName))
		switch {
		case statErr == nil:
			return nil, fmt.Errorf("its directory holds data: %w", err)
		case !errors.Is(statErr, fs.ErrNotExist):
			return nil, statErr
		}
		key, err = s.keys.Create(ctx, db)
	}
	if err != nil {
		return nil, err
	}
	if !key.Locked() {
		s.log.Warn("key not locked in memory", "db", record.Name)
	}
	return &storage.Encryption{Key: key, Memory: s.decrypted, Random: s.secrets}, nil
}

// StoreKey keeps a key for the database called name, which is to be made encrypted. Errors: *EncryptionRefusedError,
// *cluster.InvalidNameError, *cluster.DatabaseExistsError, *keyring.KeyExistsError, and those of the disk.
func (s *Server) StoreKey(ctx context.Context, name string, key *[secret.KeyBytes]byte) error {
	if err := s.mayHandleKeys(); err != nil {
		return &EncryptionRefusedError{Name: name, Cause: err}
	}
	if err := cluster.ValidateName(name); err != nil {
		return err
	}
	if d, ok := s.cluster.State().Database(name); ok {
		return &cluster.DatabaseExistsError{Name: d.Name}
	}
	err := s.keys.Store(ctx, KeyOf(s.config, name), key)
	if _, unavailable := errors.AsType[*keyring.SourceError](err); unavailable {
		return &EncryptionRefusedError{Name: name, Cause: err}
	}
	return err
}

// NewKey puts a key for a database, as random as the server has them, into key.
func (s *Server) NewKey(key *[secret.KeyBytes]byte) error {
	if err := s.mayHandleKeys(); err != nil {
		return err
	}
	_, err := io.ReadFull(s.secrets, key[:])
	return err
}

// MemoryOfSecrets tells of the memory that decrypted pages are kept in.
func (s *Server) MemoryOfSecrets() secret.Stats { return s.decrypted.Stats() }

// forgetSecrets ends the keyring and the memory of decrypted pages. A reader that outlives its database keeps its pages.
func (s *Server) forgetSecrets() {
	s.keys.Close()
	if s.decrypted.Stats().UsedBytes == 0 {
		s.decrypted.Close()
	}
}
