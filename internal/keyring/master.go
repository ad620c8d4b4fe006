package keyring

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/vfs"
)

// master is the master key in memory.
type master struct {
	id  [crypt.MasterIDBytes]byte
	key *secret.Sealed
}

// withMaster calls fn with the master key, from its source when it is not in memory yet, while nobody else does.
func (k *Keyring) withMaster(ctx context.Context, fn func(m *master) error) error {
	select {
	case <-k.turn:
	case <-ctx.Done():
		return fmt.Errorf("wait for the keyring: %w", ctx.Err())
	}
	defer func() { k.turn <- struct{}{} }()
	if k.master == nil {
		if err := k.fetch(ctx); err != nil {
			return err
		}
	}
	return fn(k.master)
}

// fetch asks the source, unless it failed a moment ago.
func (k *Keyring) fetch(ctx context.Context) error {
	if k.failed != nil && k.options.Now().Before(k.failedUntil) {
		return k.failed
	}
	key := new([crypt.KeyBytes]byte)
	defer clear(key[:])
	k.failed = k.readMaster(ctx, key)
	if k.failed != nil {
		err := k.failed
		if k.failedUntil = k.options.Now().Add(retryAfter); ctx.Err() != nil { // the caller went away: that says nothing of the source
			k.failed = nil
		}
		return err
	}
	m, err := k.newMaster(key)
	if err != nil {
		return err
	}
	k.use(m)
	return nil
}

// use puts m in the place of the master key so far. nil is none.
func (k *Keyring) use(m *master) {
	if k.master != nil {
		k.master.key.Destroy()
	}
	k.master = m
}

// newMaster takes over key.
func (k *Keyring) newMaster(key *[crypt.KeyBytes]byte) (*master, error) {
	m := &master{id: crypt.MasterID(key)}
	var err error
	m.key, err = secret.Seal(key, k.options.Random, k.options.Memory)
	if err != nil {
		return nil, fmt.Errorf("keep the master key in memory: %w", err)
	}
	return m, nil
}

// readMaster puts the master key into key.
func (k *Keyring) readMaster(ctx context.Context, key *[crypt.KeyBytes]byte) error {
	switch from := &k.options.Master; {
	case from.Program != "":
		return from.run(ctx, key)
	case from.Text != "":
		return readKey(key, []byte(from.Text), "setting Master.Key")
	default:
		return k.readMasterFile(key)
	}
}

func (k *Keyring) readMasterFile(key *[crypt.KeyBytes]byte) error {
	from := &k.options.Master
	source := fileSource(from.Path)
	info, err := from.FS.Stat(from.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return k.makeMasterFile(key)
	case err != nil:
		return &SourceError{Source: source, Reason: Unreadable, Err: err}
	case info.Shared:
		return &SourceError{Source: source, Reason: Shared}
	case info.SizeBytes > masterTextBytesMax:
		return &SourceError{Source: source, Reason: TooLong, Bytes: masterTextBytesMax}
	}
	text, err := vfs.ReadFile(from.FS, from.Path)
	defer clear(text)
	if err != nil {
		return &SourceError{Source: source, Reason: Unreadable, Err: err}
	}
	return readKey(key, text, source)
}

// makeMasterFile makes a new master key if it may, and if no key was ever wrapped: a lost master key is a loss that is told, not
// covered up. Nobody else has the new one: it goes with the disk unless somebody copies it.
func (k *Keyring) makeMasterFile(key *[crypt.KeyBytes]byte) error {
	wrapped, err := k.databases()
	if err != nil {
		return err
	}
	if len(wrapped) > 0 || !k.options.Master.MakeFile {
		return &SourceError{Source: fileSource(k.options.Master.Path), Reason: Missing}
	}
	if _, err := io.ReadFull(k.options.Random, key[:]); err != nil {
		return fmt.Errorf("draw a master key: %w", err)
	}
	return k.writeMasterFile(key)
}

func (k *Keyring) writeMasterFile(key *[crypt.KeyBytes]byte) error {
	text := append(base64.StdEncoding.AppendEncode(nil, key[:]), '\n')
	defer clear(text)
	if err := vfs.WriteFileDurable(k.options.Master.FS, k.options.Master.Path, text); err != nil {
		return fmt.Errorf("keep the master key: %w", err)
	}
	return nil
}

func fileSource(name string) string { return fmt.Sprintf("master key file %q", name) }

// ReadKey puts the key that text holds into key: 32 bytes, or 44 characters of base64, perhaps with a line end. source says
// where text is from. *SourceError says what else it is.
func ReadKey(key *[crypt.KeyBytes]byte, text []byte, source string) error {
	return readKey(key, text, source)
}

func readKey(key *[crypt.KeyBytes]byte, text []byte, source string) error {
	if len(text) == crypt.KeyBytes {
		copy(key[:], text)
		return nil
	}
	line := bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	base64Bytes := base64.StdEncoding.EncodedLen(crypt.KeyBytes)
	switch {
	case len(line) > crypt.KeyBytes && len(line) < base64Bytes:
		return &SourceError{Source: source, Reason: WrongLength, Bytes: len(text)}
	case len(line) < base64Bytes:
		return &SourceError{Source: source, Reason: TooShort, Bytes: len(text)}
	case len(line) > base64Bytes:
		return &SourceError{Source: source, Reason: TooLong, Bytes: len(text)}
	}
	decoded := make([]byte, base64.StdEncoding.DecodedLen(base64Bytes))
	defer clear(decoded)
	n, err := base64.StdEncoding.Strict().Decode(decoded, line)
	if err != nil || n != crypt.KeyBytes {
		return &SourceError{Source: source, Reason: NotBase64}
	}
	copy(key[:], decoded)
	return nil
}
