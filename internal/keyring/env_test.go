package keyring_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// Ids of databases.
var (
	idA = base64.RawStdEncoding.EncodeToString(numbered(1)[:16])
	idB = base64.RawStdEncoding.EncodeToString(numbered(2)[:16])
)

// numbered returns a key that counts up from first.
func numbered(first byte) *[32]byte {
	var key [32]byte
	for i := range key {
		key[i] = first + byte(i)
	}
	return &key
}

func encoded(key *[32]byte) string { return base64.StdEncoding.EncodeToString(key[:]) }

func database(name, id string) keyring.Database {
	return keyring.Database{Name: name, ID: id, Dir: "data/Databases/" + name}
}

// clock is a time that stands still unless it is moved.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

// options are those of a server with its master key in the data directory.
func options(fsys vfs.FS) keyring.Options {
	return keyring.Options{
		FS: fsys, Databases: "data/Databases", Random: rand.NewChaCha8([32]byte{1}), Now: func() time.Time { return newClock().now },
		Master: keyring.Master{Path: "data/master.key", MakeFile: true},
	}
}

func newDisk(t *testing.T, opts ...memfs.Option) *memfs.FS {
	t.Helper()
	disk := memfs.New(opts...)
	if err := disk.MkdirAll("data/Databases"); err != nil {
		t.Fatal(err)
	}
	return disk
}

func open(t *testing.T, o keyring.Options) *keyring.Keyring {
	t.Helper()
	k := keyring.New(o)
	t.Cleanup(k.Close)
	return k
}

// withText is options with a master key of its own.
func withText(fsys vfs.FS, master *[32]byte) keyring.Options {
	o := options(fsys)
	o.Master = keyring.Master{Text: encoded(master)}
	return o
}

// create makes a key and returns it in clear.
func create(t *testing.T, k *keyring.Keyring, db keyring.Database) [32]byte {
	t.Helper()
	sealed, err := k.Create(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Destroy()
	defer sealed.Close()
	return *sealed.Open()
}

// load returns the key in clear, or the error.
func load(t *testing.T, k *keyring.Keyring, db keyring.Database) ([32]byte, error) {
	t.Helper()
	sealed, err := k.Load(t.Context(), db)
	if err != nil {
		return [32]byte{}, err
	}
	defer sealed.Destroy()
	defer sealed.Close()
	return *sealed.Open(), nil
}

func wantKey(t *testing.T, k *keyring.Keyring, db keyring.Database, want [32]byte) {
	t.Helper()
	got, err := load(t, k, db)
	if err != nil || got != want {
		t.Errorf("database %q: got %x, %v, want %x", db.Name, got, err, want)
	}
}

// wantError fails unless err is an E of kind.
func wantError[E error](t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if want, ok := errors.AsType[E](err); !ok || fault.Of(err) != kind {
		t.Fatalf("got %v of kind %v, want a %T of kind %v", err, fault.Of(err), want, kind)
	}
}

func readFile(t *testing.T, fsys vfs.FS, name string) []byte {
	t.Helper()
	b, err := vfs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t *testing.T, fsys vfs.FS, name string, b []byte) {
	t.Helper()
	if err := vfs.WriteFileDurable(fsys, name, b); err != nil {
		t.Fatal(err)
	}
}

// holds says whether b has the key in it, in any of the forms in which somebody may have written it.
func holds(b []byte, key [32]byte) bool {
	return bytes.Contains(b, key[:]) || bytes.Contains(b, []byte(encoded(&key)))
}
