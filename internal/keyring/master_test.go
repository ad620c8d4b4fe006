package keyring_test

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
)

func TestMasterFile_IsMadeOnce(t *testing.T) {
	disk := newDisk(t)
	k := open(t, options(disk))
	if len(disk.Files()) != 0 {
		t.Errorf("made before it was needed: %q", disk.Files())
	}
	if err := k.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	text := readFile(t, disk, "data/master.key")
	if len(text) != 45 || text[44] != '\n' {
		t.Errorf("%q", text)
	}
	key := create(t, k, database("a", idA))
	wantKey(t, open(t, options(disk)), database("a", idA), key)
	if got := readFile(t, disk, "data/master.key"); string(got) != string(text) {
		t.Error("made anew")
	}
}

// TestMasterFile_ThatIsLostIsNotMadeAnew: a new one would open nothing, and look as if the old one had not mattered.
func TestMasterFile_ThatIsLostIsNotMadeAnew(t *testing.T) {
	disk := newDisk(t)
	create(t, open(t, options(disk)), database("a", idA))
	if err := disk.Remove("data/master.key"); err != nil {
		t.Fatal(err)
	}
	k := open(t, options(disk))
	_, err := load(t, k, database("a", idA))
	wantReason(t, err, keyring.Missing, fault.Unavailable, `file "data/master.key"`, "put the key back")
	_, err = k.Create(t.Context(), database("b", idB))
	wantReason(t, err, keyring.Missing, fault.Unavailable)
}

func wantReason(t *testing.T, err error, reason keyring.Reason, kind fault.Kind, words ...string) {
	t.Helper()
	wantError[*keyring.SourceError](t, err, kind)
	got, _ := errors.AsType[*keyring.SourceError](err)
	if got.Reason != reason {
		t.Errorf("got reason %d, want %d: %v", got.Reason, reason, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v: does not say %q", err, word)
		}
	}
}

func TestMasterFile_ThatWasNamedMustBeThere(t *testing.T) {
	o := options(newDisk(t))
	o.Master = keyring.Master{Path: "elsewhere.key"}
	wantReason(t, open(t, o).Ready(t.Context()), keyring.Missing, fault.Unavailable, `"elsewhere.key"`)
}

func TestMasterFile_IsReadInEitherForm(t *testing.T) {
	disk := newDisk(t)
	master := numbered(9)
	key := create(t, open(t, withText(disk, master)), database("a", idA))
	for _, text := range []string{string(master[:]), encoded(master), encoded(master) + "\n", encoded(master) + "\r\n"} {
		writeFile(t, disk, "data/master.key", []byte(text))
		wantKey(t, open(t, options(disk)), database("a", idA), key)
	}
}

func TestMasterFile_ThatIsNoKey(t *testing.T) {
	f := func(text string, reason keyring.Reason, words ...string) {
		t.Helper()
		disk := newDisk(t)
		writeFile(t, disk, "data/master.key", []byte(text))
		wantReason(t, open(t, options(disk)).Ready(t.Context()), reason, fault.Invalid, append(words, "data/master.key")...)
	}
	whole := encoded(numbered(1))
	f("", keyring.TooShort, "0 bytes")
	f(strings.Repeat("x", 31), keyring.TooShort, "31 bytes")
	f(whole[:43]+"\n", keyring.WrongLength, "44 bytes")
	f(whole+"=", keyring.TooLong, "45 bytes")
	f(whole+"\n\n", keyring.TooLong)
	f(strings.Repeat("x", 5000), keyring.TooLong)
	f(strings.Repeat("!", 44), keyring.NotBase64, "base64")
	f(whole[:42]+"h=", keyring.NotBase64) // bits that belong to no byte
	f(strings.Repeat("x", 44), keyring.NotBase64)
}

func TestMasterText(t *testing.T) {
	o := options(newDisk(t))
	o.Master = keyring.Master{Text: "secret but short"}
	err := open(t, o).Ready(t.Context())
	wantReason(t, err, keyring.TooShort, fault.Invalid, "Master.Key")
	if strings.Contains(err.Error(), "secret but short") {
		t.Errorf("the message shows what was given: %v", err)
	}
}

func TestMasterFile_ErrorsOfTheDiskComeBack(t *testing.T) {
	for n := range 3 {
		disk := errorfs.New(newDisk(t))
		writeFile(t, disk, "data/master.key", numbered(1)[:])
		disk.Fail(errorfs.Nth(n, syscall.EIO))
		err := open(t, options(disk)).Ready(t.Context())
		if err == nil {
			continue // reading needs fewer operations that can fail
		}
		wantReason(t, err, keyring.Unreadable, fault.Unavailable)
		if !errors.Is(err, syscall.EIO) {
			t.Errorf("operation %d: %v", n, err)
		}
	}
}

func TestKeyring_WithoutChance(t *testing.T) {
	o := options(newDisk(t))
	o.Random = strings.NewReader("")
	if err := open(t, o).Ready(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("master key: got %v", err)
	}
	if _, err := open(t, o).Create(t.Context(), database("a", idA)); !errors.Is(err, io.EOF) {
		t.Errorf("key: got %v", err)
	}
}

func TestMasterID_TellsMastersApart(t *testing.T) {
	if crypt.MasterID(numbered(1)) == crypt.MasterID(numbered(2)) {
		t.Error("two keys have one id")
	}
}
