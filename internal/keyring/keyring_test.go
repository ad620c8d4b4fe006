package keyring_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func TestCreate_IsThereAfterARestart(t *testing.T) {
	disk := newDisk(t)
	k := open(t, options(disk))
	a, b := create(t, k, database("a", idA)), create(t, k, database("b", idB))
	if a == b || a == [32]byte{} {
		t.Errorf("keys %x and %x", a, b)
	}
	again := open(t, options(disk))
	wantKey(t, again, database("a", idA), a)
	wantKey(t, again, database("b", idB), b)
	for _, name := range disk.Files() {
		if bytes := readFile(t, disk, name); holds(bytes, a) || holds(bytes, b) {
			t.Errorf("%s holds a key in clear", name)
		}
	}
}

func TestCreate_NeverReplacesAKey(t *testing.T) {
	disk := newDisk(t)
	k := open(t, options(disk))
	key := create(t, k, database("a", idA))
	_, err := k.Create(t.Context(), database("a", idA))
	wantError[*keyring.KeyExistsError](t, err, fault.Conflict)
	err = k.Store(t.Context(), database("a", ""), numbered(7))
	wantError[*keyring.KeyExistsError](t, err, fault.Conflict)
	wantKey(t, k, database("a", idA), key)
}

func TestStore_WaitsForItsDatabase(t *testing.T) {
	k := open(t, options(newDisk(t)))
	if err := k.Store(t.Context(), database("a", ""), numbered(7)); err != nil {
		t.Fatal(err)
	}
	wantKey(t, k, database("a", ""), *numbered(7)) // looking does not bind it
	wantKey(t, k, database("a", idA), *numbered(7))
	// from then on it is that database's
	_, err := load(t, k, database("a", idB))
	wantError[*keyring.OtherDatabaseError](t, err, fault.Conflict)
	other, _ := errors.AsType[*keyring.OtherDatabaseError](err)
	if other.Found != idA || other.Want != idB {
		t.Errorf("%+v", other)
	}
	wantKey(t, k, database("a", idA), *numbered(7))
	// and an operator has a way out
	if err := k.Replace(t.Context(), database("a", ""), numbered(7)); err != nil {
		t.Fatal(err)
	}
	wantKey(t, k, database("a", idB), *numbered(7))
}

func TestLoad_WithoutAKey(t *testing.T) {
	k := open(t, options(newDisk(t)))
	_, err := load(t, k, database("a", idA))
	wantError[*keyring.KeyMissingError](t, err, fault.Unavailable)
	if has, err := k.Has(database("a", idA)); has || err != nil {
		t.Errorf("Has: %v, %v", has, err)
	}
	create(t, k, database("a", idA))
	if has, err := k.Has(database("a", idA)); !has || err != nil {
		t.Errorf("Has: %v, %v", has, err)
	}
}

func TestLoad_WithTheWrongMasterKey(t *testing.T) {
	disk := newDisk(t)
	right, wrong := numbered(1), numbered(2)
	key := create(t, open(t, withText(disk, right)), database("a", idA))
	before := readFile(t, disk, "data/Databases/a/key")

	k := open(t, withText(disk, wrong))
	_, err := load(t, k, database("a", idA))
	wantError[*keyring.WrongMasterError](t, err, fault.Forbidden)
	refused, _ := errors.AsType[*keyring.WrongMasterError](err)
	if len(refused.Want) != 1 || refused.Have == refused.Want[0] || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("%v", err)
	}
	create(t, k, database("b", idB)) // others are not concerned
	if after := readFile(t, disk, "data/Databases/a/key"); string(before) != string(after) {
		t.Error("a refused key file was changed")
	}
	wantKey(t, open(t, withText(disk, right)), database("a", idA), key)
}

// TestLoad_FindsEveryFlippedBit: a changed key file is refused; it never gives another key.
func TestLoad_FindsEveryFlippedBit(t *testing.T) {
	disk := newDisk(t)
	k := open(t, options(disk))
	key := create(t, k, database("a", idA))
	const name = "data/Databases/a/key"
	whole := readFile(t, disk, name)
	if len(whole) != 112 {
		t.Errorf("%d bytes, want 112", len(whole))
	}
	for bit := range len(whole) * 8 {
		disk.Corrupt(name, func(b []byte) []byte { b[bit/8] ^= 1 << (bit % 8); return b })
		got, err := load(t, k, database("a", idA))
		if bit/8 >= 11 && bit/8 < 16 { // the five bytes that have no meaning yet
			if err != nil || got != key {
				t.Errorf("bit %d: %v", bit, err)
			}
		} else if err == nil {
			t.Errorf("flipped bit %d was not found", bit)
		}
		writeFile(t, disk, name, whole)
	}
	for n := range len(whole) {
		writeFile(t, disk, name, whole[:n])
		_, err := load(t, k, database("a", idA))
		wantError[*keyring.KeyFileError](t, err, fault.Corrupt)
	}
	writeFile(t, disk, name, append([]byte(nil), whole...))
	wantKey(t, k, database("a", idA), key)
}

func TestLoad_RefusesWhatIsNotItsKey(t *testing.T) {
	disk := newDisk(t)
	k := open(t, options(disk))
	create(t, k, database("a", idA))
	create(t, k, database("b", idA))
	// a key file copied from another directory, even of a database with the same id
	writeFile(t, disk, "data/Databases/b/key", readFile(t, disk, "data/Databases/a/key"))
	_, err := load(t, k, database("b", idA))
	wantError[*keyring.KeyFileError](t, err, fault.Corrupt)
	// a later format
	disk.Corrupt("data/Databases/a/key", func(b []byte) []byte { b[8] = 2; return b })
	_, err = load(t, k, database("a", idA))
	wantError[*keyring.NewerFormatError](t, err, fault.Invalid)
	if newer, _ := errors.AsType[*keyring.NewerFormatError](err); newer.Found != 2 {
		t.Errorf("%+v", newer)
	}
}

// TestCreate_AnyStepMayFail: the disk's error comes back, nothing half is left, and once the disk works again so does Create.
func TestCreate_AnyStepMayFail(t *testing.T) {
	for n := 0; ; n++ {
		disk := errorfs.New(newDisk(t))
		steps := disk.OpCount()
		disk.Fail(errorfs.Nth(n, syscall.EIO))
		_, err := keyring.New(options(disk)).Create(t.Context(), database("a", idA))
		done := disk.OpCount()-steps <= n
		disk.Fail(nil)
		if done {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if !errors.Is(err, syscall.EIO) {
			t.Fatalf("operation %d: got %v, want EIO", n, err)
		}
		k := open(t, options(disk))
		if has, _ := k.Has(database("a", idA)); has { // it took effect, and only the news of it failed
			if _, err := load(t, k, database("a", idA)); err != nil {
				t.Fatalf("operation %d: %v", n, err)
			}
			continue
		}
		create(t, k, database("a", idA))
	}
}

// TestCreate_SurvivesPowerCut: a key that was handed out is there afterwards, and opens.
func TestCreate_SurvivesPowerCut(t *testing.T) {
	for op := 0; ; op++ {
		disk := newDisk(t)
		start := disk.OpCount()
		disk = memfs.New(memfs.DieAtOp(start + op))
		_ = disk.MkdirAll("data/Databases")
		var key [32]byte
		sealed, err := keyring.New(options(disk)).Create(t.Context(), database("a", idA))
		if err == nil {
			key = *sealed.Open()
		}
		for _, mode := range memfs.CrashModes() {
			k := open(t, options(disk.AfterCrash(mode, uint64(op))))
			got, loadErr := load(t, k, database("a", idA))
			switch {
			case err == nil && (loadErr != nil || got != key):
				t.Fatalf("op %d, %v: got %x, %v, want %x", op, mode, got, loadErr, key)
			case loadErr != nil: // it was not acknowledged, so it may be missing, and can be made
				wantError[*keyring.KeyMissingError](t, loadErr, fault.Unavailable)
				create(t, k, database("a", idA))
			}
		}
		if err == nil {
			return
		}
	}
}

func TestKeyring_ServesManyAtOnce(t *testing.T) {
	disk := newDisk(t)
	k := open(t, options(disk))
	var users sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		users.Go(func() {
			key := create(t, k, database(name, idA))
			for range 20 {
				wantKey(t, k, database(name, idA), key)
			}
		})
	}
	users.Go(func() {
		for range 5 {
			if err := k.Rotate(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	users.Wait()
}

func TestKeyring_WaitsNoLongerThanItsCaller(t *testing.T) {
	k := open(t, options(newDisk(t)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// either is picked by chance when both are ready, so the answer is no, or a key that is good
	for range 20 {
		if _, err := k.Load(ctx, database("a", idA)); err == nil || fault.Of(err) == fault.Internal {
			t.Errorf("got %v", err)
		}
	}
}
