package salvage_test

import (
	"bytes"
	"testing"

	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/vfs"
)

var databaseKey = [salvage.KeyBytes]byte{1, 2, 3}

// encryptedShape takes both ciphers in turn.
func encryptedShape(seed uint64) salvagetest.Shape {
	s := smallShape(seed)
	s.Key, s.Algorithm = &databaseKey, []crypt.Algorithm{crypt.AESGCM, crypt.ChaCha20Poly1305}[seed%2]
	return s
}

func withKey(key [salvage.KeyBytes]byte) func(*salvage.Options) {
	return func(o *salvage.Options) { o.Encryption = salvage.WithKey(key) }
}

// Encrypted pages at random destroyed: as for plain ones.
func TestRun_OpensEncryptedPages(t *testing.T) {
	outdated := 0
	for seed := range uint64(count(t, 20, 6)) {
		d := salvagetest.Build(t, encryptedShape(seed))
		wrecked := d.Wreck(seed, []float64{0.01, 0.1, 0.8}[seed%3])
		got := run(t, d.Disk, withKey(databaseKey))
		outdated += got.report.Journals.Outdated
		got.wantNothingInvented(t, d)
		got.wantSound(t, d, wrecked)
		got.wantDeletedGone(t, d, wrecked)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if outdated == 0 {
		t.Error("no destroyed page was taken from an old image")
	}
}

// Encrypted journals are applied, and pages that a power cut tore are taken from their images. The records name the environment,
// on which the keys depend, when no header does.
func TestRun_OpensEncryptedJournalsAndImages(t *testing.T) {
	images, applied := 0, 0
	for seed := range uint64(count(t, 20, 4)) {
		d := salvagetest.BuildTorn(t, encryptedShape(seed))
		for _, name := range []string{"/images.one", "/images.two"} {
			if b, err := vfs.ReadFile(d.Disk, salvagetest.Dir+name); err == nil && bytes.HasPrefix(b, []byte("rookimg1")) {
				images++
			}
		}
		got := run(t, d.Disk, withKey(databaseKey))
		got.wantAll(t, d)
		applied += got.report.Journals.Applied
		if got.report.Damage() {
			t.Errorf("damage: %+v, journals %+v", got.report.DamagedPages, got.report.Journals)
		}
		must(t, d.Disk.RemoveAll(out))
		must(t, d.Disk.Remove(headerOne))
		d.Disk.Corrupt(headerTwo, garble)
		run(t, d.Disk, withKey(databaseKey)).wantAll(t, d)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if images == 0 || applied == 0 {
		t.Errorf("%d images were written, %d records applied: the test tears nothing", images, applied)
	}
}

// With another key, without one, and with one for plain files the run says so, and writes nothing.
func TestRun_SaysWhatIsWrongWithTheKey(t *testing.T) {
	f := func(d *salvagetest.Database, change ...func(*salvage.Options)) {
		t.Helper()
		opts := options(d.Disk)
		for _, c := range change {
			c(&opts)
		}
		wantError[*salvage.KeyError](t, opts)
		if names, err := d.Disk.List(out); err != nil || len(names) > 0 {
			t.Errorf("output: got %v, %v", names, err)
		}
	}
	encrypted := salvagetest.Build(t, encryptedShape(1))
	f(encrypted)
	f(encrypted, withKey([salvage.KeyBytes]byte{9}))
	f(salvagetest.Build(t, smallShape(1)), withKey(databaseKey))
	must(t, encrypted.Disk.Remove(headerOne)) // and with them the environment's id
	must(t, encrypted.Disk.Remove(headerTwo))
	removeJournals(t, encrypted.Disk)
	f(encrypted, withKey(databaseKey))
}
