package keyring_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

var names = []string{"a", "b", "c"}

// createAll makes three databases' keys.
func createAll(t *testing.T, k *keyring.Keyring) map[string][32]byte {
	t.Helper()
	keys := map[string][32]byte{}
	for _, name := range names {
		keys[name] = create(t, k, database(name, idA))
	}
	return keys
}

func wantKeys(t *testing.T, k *keyring.Keyring, want map[string][32]byte) {
	t.Helper()
	for name, key := range want {
		wantKey(t, k, database(name, idA), key)
	}
}

func TestRotate_ChangesTheMasterKeyAndNoOther(t *testing.T) {
	disk := newDisk(t)
	k := open(t, options(disk))
	keys := createAll(t, k)
	if err := k.Store(t.Context(), database("waiting", ""), numbered(7)); err != nil {
		t.Fatal(err)
	}
	old := readFile(t, disk, "data/master.key")
	if err := k.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if string(readFile(t, disk, "data/master.key")) == string(old) {
		t.Error("the master key is the old one")
	}
	wantKeys(t, k, keys) // goes on
	again := open(t, options(disk))
	wantKeys(t, again, keys) // and after a restart
	wantKey(t, again, database("waiting", idB), *numbered(7))
	// the old one opens nothing any more
	o := options(disk)
	o.Master = keyring.Master{Text: strings.TrimSpace(string(old))}
	_, err := load(t, open(t, o), database("a", idA))
	wantError[*keyring.WrongMasterError](t, err, fault.Forbidden)
	if n := len(readFile(t, disk, "data/Databases/a/key")); n != 112 {
		t.Errorf("a key file of %d bytes is left, want one slot", n)
	}
}

// TestRotate_SurvivesPowerCut: whenever power is cut, the master key that is in the file afterwards opens every database, and
// rotating once more succeeds.
func TestRotate_SurvivesPowerCut(t *testing.T) {
	build := func(opts ...memfs.Option) (*memfs.FS, map[string][32]byte, int) {
		disk := newDisk(t, opts...)
		keys := createAll(t, open(t, options(disk)))
		return disk, keys, disk.OpCount()
	}
	_, _, start := build()
	step := 1
	if testing.Short() {
		step = 9
	}
	for op := start; ; op += step {
		disk, keys, _ := build(memfs.DieAtOp(op))
		err := keyring.New(options(disk)).Rotate(t.Context())
		for _, mode := range memfs.CrashModes() {
			after := disk.AfterCrash(mode, uint64(op))
			k := open(t, options(after))
			wantKeys(t, k, keys)
			if err := k.Rotate(t.Context()); err != nil {
				t.Errorf("op %d, %v: rotate again: %v", op, mode, err)
			}
			wantKeys(t, open(t, options(after)), keys)
			if t.Failed() {
				t.Fatalf("op %d, %v", op, mode)
			}
		}
		if err == nil {
			return
		}
	}
}

func TestRotate_AnyStepMayFail(t *testing.T) {
	for n := 0; ; n++ {
		disk := errorfs.New(newDisk(t))
		keys := createAll(t, open(t, options(disk)))
		steps := disk.OpCount()
		disk.Fail(errorfs.Nth(n, syscall.EIO))
		err := open(t, options(disk)).Rotate(t.Context())
		done := disk.OpCount()-steps <= n
		disk.Fail(nil)
		wantKeys(t, open(t, options(disk)), keys)
		if t.Failed() {
			t.Fatalf("operation %d: %v", n, err)
		}
		if done {
			return
		}
		if !errors.Is(err, syscall.EIO) {
			t.Fatalf("operation %d: got %v, want EIO", n, err)
		}
	}
}

// TestAdmitAndSettle is the change of a master key that others keep: both open everything in between.
func TestAdmitAndSettle(t *testing.T) {
	disk := newDisk(t)
	old, next, third := numbered(1), numbered(2), numbered(3)
	k := open(t, withText(disk, old))
	keys := createAll(t, k)
	if err := k.Rotate(t.Context()); err == nil {
		t.Error("a master key that is not in a file was rotated")
	} else {
		wantError[*keyring.ReadOnlySourceError](t, err, fault.Invalid)
	}
	for range 2 { // again does no harm
		if n, err := k.Admit(t.Context(), next); n != 3 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		wantKeys(t, open(t, withText(disk, old)), keys)
		wantKeys(t, open(t, withText(disk, next)), keys)
	}
	// settling before the change is made takes the new one out again
	if n, err := k.Settle(t.Context()); n != 3 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	_, err := load(t, open(t, withText(disk, next)), database("a", idA))
	wantError[*keyring.WrongMasterError](t, err, fault.Forbidden)

	if _, err := k.Admit(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	changed := open(t, withText(disk, next))
	if n, err := changed.Settle(t.Context()); n != 3 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	wantKeys(t, changed, keys)
	for _, gone := range []*[32]byte{old, third} {
		_, err := load(t, open(t, withText(disk, gone)), database("b", idA))
		wantError[*keyring.WrongMasterError](t, err, fault.Forbidden)
	}
}

// TestSettle_DropsNothingUnlessAllOpens: a database that was forgotten on the way keeps all others from losing the old key.
func TestSettle_DropsNothingUnlessAllOpens(t *testing.T) {
	disk := newDisk(t)
	old, next := numbered(1), numbered(2)
	k := open(t, withText(disk, old))
	keys := createAll(t, k)
	backup := readFile(t, disk, "data/Databases/b/key")
	if _, err := k.Admit(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	writeFile(t, disk, "data/Databases/b/key", backup) // put back from a backup of before
	_, err := open(t, withText(disk, next)).Settle(t.Context())
	wantError[*keyring.WrongMasterError](t, err, fault.Forbidden)
	if wrong, _ := errors.AsType[*keyring.WrongMasterError](err); wrong.Name != "b" {
		t.Errorf("%+v", wrong)
	}
	wantKeys(t, open(t, withText(disk, old)), keys)
}

func TestRotate_WithoutDatabases(t *testing.T) {
	disk := memfs.New()
	if err := disk.MkdirAll("data"); err != nil {
		t.Fatal(err)
	}
	if err := open(t, options(disk)).Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := vfs.ReadFile(disk, "data/master.key")
	if _, decodeErr := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text))); err != nil || decodeErr != nil {
		t.Errorf("%q, %v", text, err)
	}
}
