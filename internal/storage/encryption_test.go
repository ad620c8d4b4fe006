package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

var algorithms = []crypt.Algorithm{crypt.AESGCM, crypt.ChaCha20Poly1305}

// encrypted is storagetest.Options with encryption.
func encrypted(disk vfs.FS, a crypt.Algorithm) storage.Options {
	opts := storagetest.Options(disk)
	opts.Encryption = storagetest.Encryption(a, 7)
	return opts
}

// TestEncrypted_NoFileHasTheText: whatever is written, at any moment, no file of the environment shows it.
func TestEncrypted_NoFileHasTheText(t *testing.T) {
	const marker = "Quoth the rook, for evermore"
	for _, a := range algorithms {
		disk := memfs.New()
		opts := encrypted(disk, a)
		opts.CompressAboveBytes = -1
		env, err := storage.Open(opts)
		must(t, err)
		for i := range 50 {
			must(t, put(env, fmt.Sprint(marker, i), strings.Repeat(marker, 1+i*20)))
			if i%7 == 0 {
				must(t, env.Flush())
			}
			if i%20 == 0 {
				must(t, env.Sync())
			}
			wantAbsent(t, disk, marker)
		}
		must(t, env.Close())
		wantAbsent(t, disk, marker)
	}
}

func wantAbsent(t *testing.T, disk *memfs.FS, marker string) {
	t.Helper()
	found := 0
	for _, name := range disk.Files() {
		data, err := vfs.ReadFile(disk, name)
		must(t, err)
		if bytes.Contains(data, []byte(marker)) {
			t.Fatalf("%s has the text in clear", name)
		}
		found++
	}
	if found < 4 {
		t.Fatalf("only %d files were looked at", found)
	}
}

// TestEncrypted_AsksForItsKey: every mismatch of key and files is told as what it is, and nothing is changed.
func TestEncrypted_AsksForItsKey(t *testing.T) {
	f := func(created, opened *storage.Encryption, want string) {
		t.Helper()
		disk := memfs.New()
		opts := storagetest.Options(disk)
		opts.Encryption = created
		env, err := storage.Open(opts)
		must(t, err)
		must(t, put(env, "key", "value"))
		must(t, env.Close())
		before := disk.OpCount()

		opts.Encryption = opened
		_, err = storage.Open(opts)
		var wrong *storage.KeyError
		if !errors.As(err, &wrong) || fault.Of(err) != fault.Forbidden || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want *KeyError with %q", err, want)
		}
		for _, op := range disk.Ops()[min(before, len(disk.Ops())):] {
			if strings.HasPrefix(op.String(), "write") {
				t.Errorf("refused, but did %v", op)
			}
		}
		opts.Encryption = created
		env, err = storage.Open(opts)
		must(t, err)
		must(t, env.View(func(tx *storage.ReadTx) error { get(t, tx, "key"); return nil }))
		must(t, env.Close())
	}
	right := storagetest.Encryption(crypt.AESGCM, 1)
	f(right, nil, "no key was given")
	f(nil, right, "not encrypted")
	f(right, otherKey(t), "not the key")
}

func otherKey(t *testing.T) *storage.Encryption {
	t.Helper()
	e := storagetest.Encryption(0, 1)
	key := [secret.KeyBytes]byte{9, 9, 9}
	sealed, err := secret.Seal(&key, rand.NewChaCha8([32]byte{2}), secret.Options{})
	must(t, err)
	e.Key = sealed
	return e
}

// TestEncrypted_FindsEveryTamperedPlace changes bits, swaps pages, puts older pages back and cuts the file: what is read
// afterwards is what was written, or an error.
func TestEncrypted_FindsEveryTamperedPlace(t *testing.T) {
	tampers := 3000
	if testing.Short() {
		tampers = 300
	}
	const seed = 11
	for _, a := range algorithms {
		disk := memfs.New()
		env, err := storage.Open(encrypted(disk, a))
		must(t, err)
		w := storagetest.NewWorkload(seed)
		for range 30 {
			must(t, w.Commit(env))
		}
		must(t, env.Flush())
		must(t, env.Sync())
		older := fileBytes(t, disk, dataFile)
		for range 30 {
			must(t, w.Commit(env))
		}
		must(t, env.Close())
		sound := fileBytes(t, disk, dataFile)
		random := rand.New(rand.NewPCG(seed, 1))
		found := 0
		for range tampers {
			what := ""
			disk.Corrupt(dataFile, func([]byte) (b []byte) {
				b, what = tamper(random, sound, older)
				return b
			})
			if readsRight(t, disk, a, w.Digest()) {
				continue
			}
			found++
			_ = what
		}
		if found < tampers/2 {
			t.Errorf("%v: only %d of %d changes were met", a, found, tampers)
		}
	}
}

func fileBytes(t *testing.T, disk *memfs.FS, name string) []byte {
	t.Helper()
	b, err := vfs.ReadFile(disk, name)
	must(t, err)
	return bytes.Clone(b)
}

// tamper returns the file with one change.
func tamper(random *rand.Rand, sound, older []byte) (b []byte, what string) {
	b = bytes.Clone(sound)
	pages := len(b) / page.SizeBytes
	p, q := random.IntN(pages)*page.SizeBytes, random.IntN(pages)*page.SizeBytes
	switch random.IntN(4) {
	case 0:
		at := random.IntN(len(b))
		b[at] ^= 1 << random.IntN(8)
		return b, fmt.Sprint("bit at ", at)
	case 1:
		copy(b[p:p+page.SizeBytes], sound[q:q+page.SizeBytes])
		return b, fmt.Sprint("page ", q/page.SizeBytes, " in place of ", p/page.SizeBytes)
	case 2:
		q %= len(older)
		copy(b[p:p+page.SizeBytes], older[q:q+page.SizeBytes])
		return b, fmt.Sprint("older page ", q/page.SizeBytes, " in place of ", p/page.SizeBytes)
	default:
		return b[:random.IntN(len(b))], "cut"
	}
}

// readsRight opens the environment to read and says whether all of it was read as it was written; anything else but an error
// fails the test. An older version of the same page may be put back unseen, if the structures agree: nothing tells it from what
// the disk lost.
func readsRight(t *testing.T, disk *memfs.FS, a crypt.Algorithm, want uint64) bool {
	t.Helper()
	opts := encrypted(disk, a)
	opts.ReadOnly = true
	defer opts.Encryption.Memory.Close() // after the environment: hundreds of them would take half a gigabyte
	env, err := storage.Open(opts)
	if err != nil {
		return false
	}
	defer env.Close()
	var digest uint64
	err = env.View(func(tx *storage.ReadTx) error {
		for problem := range storage.Check(tx) {
			return problem
		}
		digest, err = storagetest.DigestOf(tx)
		return err
	})
	if err == nil && digest != want {
		t.Fatal("something else was read than what was written, without an error")
	}
	return err == nil
}

// TestEncrypted_NoKeyIsOpenAtRest: when nothing runs, the key is sealed and no memory for pages is in use.
func TestEncrypted_NoKeyIsOpenAtRest(t *testing.T) {
	opts := encrypted(memfs.New(), crypt.AESGCM)
	env := storagetest.OpenWith(t, opts)
	must(t, put(env, "key", "value"))
	must(t, env.Flush())
	tx, err := env.Read()
	must(t, err)
	if get(t, tx, "key") != "value" {
		t.Error("reads something else")
	}
	if held := opts.Encryption.Memory.Stats().UsedBytes; held == 0 {
		t.Error("a transaction that read pages has no memory for them")
	}
	tx.Close()
	if held := opts.Encryption.Memory.Stats().UsedBytes; held != 0 {
		t.Errorf("%d bytes of pages are in memory while nothing runs", held)
	}
	if env.KeysOpen() {
		t.Error("the keys are open while nothing runs")
	}
}

// TestSealer_GivesBackWhatWasSealed, and only that, only for what it was bound to.
func TestSealer_GivesBackWhatWasSealed(t *testing.T) {
	env := storagetest.OpenWith(t, encrypted(memfs.New(), crypt.AESGCM))
	s, isEncrypted := env.Sealer()
	if !isEncrypted {
		t.Fatal("no sealer")
	}
	plain, bound := []byte("dictionary"), []byte("dictionaries.one")
	sealed, err := s.Seal([]byte("before"), plain, bound)
	must(t, err)
	if bytes.Contains(sealed, plain) {
		t.Error("it is in clear")
	}
	sealed = sealed[len("before"):]
	if got, err := s.Unseal([]byte("a "), sealed, bound); err != nil || string(got) != "a dictionary" {
		t.Errorf("got %q, %v", got, err)
	}
	refused := func(sealed, bound []byte) {
		t.Helper()
		if got, err := s.Unseal(nil, sealed, bound); err == nil || len(got) > 0 {
			t.Errorf("got %q, %v", got, err)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		refused(changed, bound)
		refused(sealed[:i], bound)
	}
	refused(sealed, []byte("dictionaries.two"))
}
