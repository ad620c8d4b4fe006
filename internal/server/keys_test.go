package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// allowed lets a server without TLS make encrypted databases. Not all machines that run tests let us lock memory.
var allowed = []string{
	"--Security.UnsecuredEncryption.Allowed=true", "--Security.DoNotConsiderMemoryLockFailureAsCatastrophicError=true",
}

// marker is in every document that a test writes, so that it can be searched for.
const marker = "clark-kent-is-superman-"

// createEncrypted asks for an encrypted database as clients do.
func createEncrypted(t testing.TB, s *server.Server, name string) error {
	t.Helper()
	_, err := s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: name, Record: json.RawMessage(`{"Encrypted":true}`)})
	return err
}

func mustCreateEncrypted(t testing.TB, s *server.Server, name string) *database.DB {
	t.Helper()
	if err := createEncrypted(t, s, name); err != nil {
		t.Fatal(err)
	}
	return mustFind(t, s, name)
}

// write stores a document with the marker.
func write(t *testing.T, db *database.DB, id string) {
	t.Helper()
	put(t, db, marker+id)
}

// wantDocument fails unless the document that write stored is there.
func wantDocument(t *testing.T, db *database.DB, id string) {
	t.Helper()
	err := db.View(func(tx *storage.ReadTx) error {
		_, ok, err := db.Store().Get(tx, "Raven/Hilo/"+marker+id)
		if err == nil && !ok {
			t.Errorf("document %s is gone", id)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// wantNowhere fails when a file of the disk holds one of words.
func wantNowhere(t testing.TB, disk *memfs.FS, words ...[]byte) {
	t.Helper()
	for _, name := range disk.Files() {
		content, err := vfs.ReadFile(disk, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a journal that was used again meanwhile
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, word := range words {
			if bytes.Contains(content, word) {
				t.Errorf("%s holds word %d", name, i)
			}
		}
	}
}

func TestEncrypted_LivesLikeAnyOther(t *testing.T) {
	disk := memfs.New()
	s := open(t, options(disk, allowed...))
	db := mustCreateEncrypted(t, s, "Secret")
	write(t, db, "a")
	wantNowhere(t, disk, []byte(marker))
	mustClose(t, s)
	wantNowhere(t, disk, []byte(marker))

	s = open(t, options(disk)) // what exists is opened without the setting
	wantDocument(t, mustFind(t, s, "secret"), "a")
	if record, _ := s.Cluster().State().Database("Secret"); !record.Encrypted {
		t.Errorf("%+v", record)
	}
	write(t, mustFind(t, s, "secret"), "b")
	if got := status(s); got != "Secret+" {
		t.Error(got)
	}
	_, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{"Secret"}, Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{"Secret"}}); err != nil {
		t.Fatal(err)
	}
	wantDocument(t, mustFind(t, s, "Secret"), "b")
	_, _, err = s.DeleteDatabases(t.Context(), "", cluster.DeleteDatabases{Names: []string{"Secret"}, HardDelete: true}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Stat("data/Databases/secret/key"); err == nil {
		t.Error("the key outlives its database")
	}
}

func TestEncrypted_NeedsTLSOrThatSomebodyAcceptsTheRisk(t *testing.T) {
	s := open(t, options(memfs.New()))
	err := createEncrypted(t, s, "Secret")
	wantError[*server.EncryptionRefusedError](t, err, fault.Invalid)
	for _, word := range []string{"TLS", "Security.UnsecuredEncryption.Allowed=true", `"Secret"`} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v: does not speak of %s", err, word)
		}
	}
	if got := status(s); got != "" {
		t.Errorf("left %q", got)
	}
	wantError[*server.EncryptionRefusedError](t, s.StoreKey(t.Context(), "Secret", new([32]byte)), fault.Invalid)
	wantError[*server.UnsecuredError](t, s.NewKey(new([32]byte)), fault.Invalid)
	create(t, s, "plain")
}

// TestEncrypted_WithoutAMasterKeyNothingIsMade: what stands in the way is told before the cluster has decided anything.
func TestEncrypted_WithoutAMasterKeyNothingIsMade(t *testing.T) {
	s := open(t, options(memfs.New(), append(allowed, "--Security.MasterKey.Path=no/such.key")...))
	err := createEncrypted(t, s, "Secret")
	wantError[*server.EncryptionRefusedError](t, err, fault.Invalid)
	wantError[*keyring.SourceError](t, err, fault.Invalid)
	if got := status(s); got != "" {
		t.Errorf("left %q", got)
	}
}

// masterFile puts a master key where a setting names it.
func masterFile(t testing.TB, disk vfs.FS, name string, first byte) string {
	t.Helper()
	if err := disk.MkdirAll("keys"); err != nil {
		t.Fatal(err)
	}
	if err := vfs.WriteFileDurable(disk, "keys/"+name, bytes.Repeat([]byte{first}, 32)); err != nil {
		t.Fatal(err)
	}
	return "--Security.MasterKey.Path=keys/" + name
}

// TestEncrypted_WrongMasterKeyHarmsNoOther: the encrypted database is refused with the reason, all others run, and with the right
// key it is there again.
func TestEncrypted_WrongMasterKeyHarmsNoOther(t *testing.T) {
	disk := memfs.New()
	right, wrong := masterFile(t, disk, "right", 1), masterFile(t, disk, "wrong", 2)
	s := open(t, options(disk, append(allowed, right)...))
	write(t, mustCreateEncrypted(t, s, "Secret"), "a")
	write(t, create(t, s, "plain"), "a")
	mustClose(t, s)

	s = open(t, options(disk, append(allowed, wrong)...))
	_, err := s.Database(t.Context(), "Secret")
	wantError[*server.DatabaseLoadError](t, err, fault.Unavailable)
	wantError[*keyring.WrongMasterError](t, err, fault.Unavailable)
	wantDocument(t, mustFind(t, s, "plain"), "a")
	write(t, mustCreateEncrypted(t, s, "other"), "a") // and new ones can be made under the key that there is
	if got := status(s); got != "other+ plain+ Secret!" {
		t.Error(got)
	}
	mustClose(t, s)

	s = open(t, options(disk, append(allowed, right)...))
	wantDocument(t, mustFind(t, s, "Secret"), "a")
	_, err = s.Database(t.Context(), "other")
	wantError[*keyring.WrongMasterError](t, err, fault.Unavailable)
}

// TestEncrypted_LostKeyFileIsTold: files without their key are not overwritten by new ones.
func TestEncrypted_LostKeyFileIsTold(t *testing.T) {
	disk := memfs.New()
	s := open(t, options(disk, allowed...))
	write(t, mustCreateEncrypted(t, s, "Secret"), "a")
	mustClose(t, s)
	kept, err := vfs.ReadFile(disk, "data/Databases/secret/key")
	if err != nil {
		t.Fatal(err)
	}
	if err := disk.Remove("data/Databases/secret/key"); err != nil {
		t.Fatal(err)
	}
	s = open(t, options(disk, allowed...))
	_, err = s.Database(t.Context(), "Secret")
	wantError[*keyring.KeyMissingError](t, err, fault.Unavailable)
	mustClose(t, s)
	if err := vfs.WriteFileDurable(disk, "data/Databases/secret/key", kept); err != nil {
		t.Fatal(err)
	}
	wantDocument(t, mustFind(t, open(t, options(disk)), "Secret"), "a")
}

// TestEncrypted_SwappedFilesAreRefused: neither another database's key file nor another one's data is taken.
func TestEncrypted_SwappedFilesAreRefused(t *testing.T) {
	disk := memfs.New()
	s := open(t, options(disk, allowed...))
	for _, name := range []string{"one", "two", "three"} {
		write(t, mustCreateEncrypted(t, s, name), "a")
	}
	mustClose(t, s)
	copyFile := func(from, to string) {
		content, err := vfs.ReadFile(disk, path.Join("data/Databases", from))
		if err == nil {
			err = vfs.WriteFileDurable(disk, path.Join("data/Databases", to), content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	copyFile("one/key", "two/key")
	for _, name := range []string{"header.one", "header.two", "data"} {
		copyFile("one/"+name, "three/"+name)
	}
	s = open(t, options(disk))
	wantDocument(t, mustFind(t, s, "one"), "a")
	_, err := s.Database(t.Context(), "two")
	wantError[*keyring.KeyFileError](t, err, fault.Corrupt)
	_, err = s.Database(t.Context(), "three")
	wantError[*storage.KeyError](t, err, fault.Unavailable)
}

func TestStoreKey_IsTheKeyOfTheDatabaseMadeNext(t *testing.T) {
	disk := memfs.New()
	s := open(t, options(disk, allowed...))
	var key [32]byte
	if err := s.NewKey(&key); err != nil {
		t.Fatal(err)
	}
	given := key
	if err := s.StoreKey(t.Context(), "Secret", &key); err != nil {
		t.Fatal(err)
	}
	wantError[*keyring.KeyExistsError](t, s.StoreKey(t.Context(), "secret", new([32]byte)), fault.Conflict)
	write(t, mustCreateEncrypted(t, s, "Secret"), "a")
	wantError[*cluster.DatabaseExistsError](t, s.StoreKey(t.Context(), "SECRET", new([32]byte)), fault.Conflict)
	wantError[*cluster.InvalidNameError](t, s.StoreKey(t.Context(), "../x", new([32]byte)), fault.Invalid)
	wantNowhere(t, disk, given[:], []byte(base64.StdEncoding.EncodeToString(given[:])))
	mustClose(t, s)

	o := options(disk)
	k, lock, err := server.LockKeyring(o.Config, disk, bytes.NewReader(make([]byte, 1000)), o.Now)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.Load(t.Context(), server.KeyOf(o.Config, "Secret"))
	if err != nil {
		t.Fatal(err)
	}
	if got := *sealed.Open(); got != given {
		t.Errorf("got %x, want %x", got, given)
	}
	sealed.Close()
	k.Close()
	if err := lock.Close(); err != nil {
		t.Error(err)
	}
}

func TestLockKeyring_WantsADataDirectoryOfItsOwn(t *testing.T) {
	disk := memfs.New()
	o := options(disk)
	if _, _, err := server.LockKeyring(o.Config, disk, nil, o.Now); err == nil || !strings.Contains(err.Error(), "no data directory") {
		t.Errorf("got %v", err)
	}
	if len(disk.Files()) > 0 {
		t.Errorf("made %q", disk.Files())
	}
	open(t, o)
	_, _, err := server.LockKeyring(o.Config, disk, nil, o.Now)
	wantError[*server.DataDirInUseError](t, err, fault.Unavailable)
}

// TestEncrypted_SurvivesPowerCut: a database that was made is there, or was never acknowledged, wherever power is cut; its key
// never gets lost on the way.
func TestEncrypted_SurvivesPowerCut(t *testing.T) {
	begun := memfs.New()
	mustClose(t, open(t, options(begun, allowed...)))
	step := 1
	if testing.Short() {
		step = 7
	}
	for op := begun.OpCount(); ; op += step {
		disk := memfs.New(memfs.DieAtOp(op))
		s, err := server.Open(options(disk, allowed...))
		if err != nil {
			t.Fatalf("op %d: %v", op, err)
		}
		err = createEncrypted(t, s, "Secret")
		_ = s.Close() // the disk is dead
		for _, mode := range memfs.CrashModes() {
			again := open(t, options(disk.AfterCrash(mode, uint64(op)), allowed...))
			_, known := again.Cluster().State().Database("Secret")
			switch {
			case known:
				write(t, mustFind(t, again, "Secret"), "a")
			case err == nil:
				t.Errorf("op %d, %v: acknowledged, and gone", op, mode)
			default:
				write(t, mustCreateEncrypted(t, again, "Secret"), "a")
			}
			mustClose(t, again)
		}
		if err == nil {
			return
		}
	}
}

// TestEncrypted_IsCompactedWithItsKey: what is left is encrypted as before, and opens.
func TestEncrypted_IsCompactedWithItsKey(t *testing.T) {
	disk := memfs.New()
	s := open(t, options(disk, allowed...))
	write(t, mustCreateEncrypted(t, s, "Secret"), "a")
	if _, err := s.Compact(t.Context(), "Secret", func(database.CompactionProgress) {}); err != nil {
		t.Fatal(err)
	}
	wantDocument(t, mustFind(t, s, "Secret"), "a")
	mustClose(t, s)
	wantNowhere(t, disk, []byte(marker))
	wantDocument(t, mustFind(t, open(t, options(disk)), "Secret"), "a")
}

// TestEncrypted_MemoryIsGivenBack: an idle server holds no page in clear.
func TestEncrypted_MemoryIsGivenBack(t *testing.T) {
	s := open(t, options(memfs.New(), allowed...))
	db := mustCreateEncrypted(t, s, "Secret")
	write(t, db, "a")
	wantDocument(t, db, "a")
	if got := s.MemoryOfSecrets(); got.Bytes == 0 {
		t.Errorf("%+v: pages in clear were elsewhere", got)
	}
	_, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{"Secret"}, Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	if got := s.MemoryOfSecrets(); got.Bytes != 0 {
		t.Errorf("after Close: %+v", got)
	}
}
