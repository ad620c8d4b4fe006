package blob_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/blob"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

func open(t rapid.TB, disk *memfs.FS) *storage.Env {
	env, err := storage.Open(storage.Options{
		FS: disk, Dir: "blobs", Rand: rand.New(rand.NewPCG(1, 2)), Now: func() time.Time { return time.Unix(1, 0) }, ManualFlush: true,
	})
	must(t, err)
	return env
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// content is length bytes that follow from seed.
func content(seed byte, length int) []byte {
	b := make([]byte, length)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b) // it never fails
	return b
}

// machine is a store beside what it should hold.
type machine struct {
	env     *storage.Env
	store   *blob.Store
	uploads map[blob.Number][]byte
	blobs   map[blob.Hash]held
	garbage map[blob.Number]bool
}

type held struct {
	content    []byte
	references int
	number     blob.Number
}

func (m *machine) update(t *rapid.T, fn func(tx *storage.WriteTx)) {
	must(t, m.env.Update(func(tx *storage.WriteTx) error { fn(tx); return nil }))
}

// upload writes a content in chunks, each in a transaction of its own, and leaves it unfinished.
func (m *machine) upload(t *rapid.T) {
	length := rapid.SampledFrom([]int{0, 5000, blob.ChunkBytes, 2*blob.ChunkBytes + 7}).Draw(t, "length")
	c := content(rapid.ByteRange(0, 1).Draw(t, "seed"), length)
	var n blob.Number
	m.update(t, func(tx *storage.WriteTx) {
		var err error
		n, err = m.store.Begin(tx)
		must(t, err)
	})
	if _, known := m.uploads[n]; known || m.garbage[n] {
		t.Fatalf("number %d is given out twice", n)
	}
	place := 0
	for part := range slices.Chunk(c, blob.ChunkBytes) {
		m.update(t, func(tx *storage.WriteTx) { must(t, m.store.WriteChunk(tx, n, place, part)) })
		place++
	}
	m.uploads[n] = c
}

func (m *machine) anUpload(t *rapid.T) (blob.Number, bool) {
	var list []blob.Number
	for n := range m.uploads {
		list = append(list, n)
	}
	slices.Sort(list)
	if len(list) == 0 {
		return 0, false
	}
	return rapid.SampledFrom(list).Draw(t, "upload"), true
}

func (m *machine) aBlob(t *rapid.T) (blob.Hash, bool) {
	var list []blob.Hash
	for h := range m.blobs {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b blob.Hash) int { return bytes.Compare(a[:], b[:]) })
	if len(list) == 0 {
		return blob.Hash{}, false
	}
	return rapid.SampledFrom(list).Draw(t, "blob"), true
}

func (m *machine) finish(t *rapid.T) {
	n, ok := m.anUpload(t)
	if !ok {
		return
	}
	c := m.uploads[n]
	h := blob.Hash(sha256.Sum256(c))
	m.update(t, func(tx *storage.WriteTx) {
		b, err := m.store.Finish(tx, n, h, int64(len(c)))
		must(t, err)
		have, known := m.blobs[h]
		if known {
			m.garbage[n] = true
		} else {
			have = held{content: c, number: n}
		}
		have.references++
		m.blobs[h] = have
		if want := (blob.Blob{Hash: h, Length: int64(len(c)), References: int64(have.references), Number: have.number}); b != want {
			t.Fatalf("finished: got %+v, want %+v", b, want)
		}
	})
	delete(m.uploads, n)
	m.update(t, func(tx *storage.WriteTx) {
		for _, err := range []error{m.store.WriteChunk(tx, n, 0, []byte{1}), m.store.Abandon(tx, n)} {
			if !errors.As(err, new(*blob.UploadError)) {
				t.Fatalf("work on a finished upload: got %v", err)
			}
		}
	})
}

func (m *machine) abandon(t *rapid.T) {
	n, ok := m.anUpload(t)
	if !ok {
		return
	}
	m.update(t, func(tx *storage.WriteTx) { must(t, m.store.Abandon(tx, n)) })
	delete(m.uploads, n)
	m.garbage[n] = true
}

func (m *machine) reference(t *rapid.T) {
	h, ok := m.aBlob(t)
	if !ok {
		return
	}
	m.update(t, func(tx *storage.WriteTx) { _, err := m.store.Reference(tx, h); must(t, err) })
	have := m.blobs[h]
	have.references++
	m.blobs[h] = have
}

func (m *machine) release(t *rapid.T) {
	h, ok := m.aBlob(t)
	if !ok {
		return
	}
	m.update(t, func(tx *storage.WriteTx) { must(t, m.store.Release(tx, h)) })
	have := m.blobs[h]
	if have.references--; have.references > 0 {
		m.blobs[h] = have
		return
	}
	delete(m.blobs, h)
	m.garbage[have.number] = true
}

// clean removes a little, or all; forgotten uploads go too.
func (m *machine) clean(t *rapid.T) {
	most := rapid.SampledFrom([]int{0, 1, 2, 1000}).Draw(t, "chunks")
	forget := rapid.Bool().Draw(t, "forget")
	m.update(t, func(tx *storage.WriteTx) {
		before := chunks(tx)
		more, err := m.store.Clean(tx, most, func(blob.Number) bool { return !forget })
		must(t, err)
		if removed := before - chunks(tx); removed > most || more && removed != most {
			t.Fatalf("%d chunks were removed, more: %v, want %d at most", removed, more, most)
		}
	})
	if forget { // which of them went is seen by what is left
		for n := range m.uploads {
			delete(m.uploads, n)
			m.garbage[n] = true
		}
		m.update(t, func(tx *storage.WriteTx) {
			_, err := m.store.Clean(tx, 1000, func(blob.Number) bool { return false })
			must(t, err)
		})
		clear(m.garbage)
	}
}

// chunks counts the rows.
func chunks(tx storage.Tx) int {
	rows, _ := tx.Sections("blob-chunks")
	return int(rows.State().Rows)
}

func (m *machine) wantSame(t *rapid.T) {
	must(t, m.env.View(func(tx *storage.ReadTx) error {
		for h, want := range m.blobs {
			r, err := m.store.Open(tx, h)
			must(t, err)
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want.content) || r.Blob().References != int64(want.references) {
				t.Fatalf("content of %d bytes: got %d bytes, %d references, %v", len(want.content), len(got), r.Blob().References, err)
			}
		}
		if got := m.store.Stats(tx).Blobs; got != int64(len(m.blobs)) {
			t.Fatalf("%d blobs are counted, want %d", got, len(m.blobs))
		}
		for err := range m.store.Check(tx) {
			t.Fatalf("check: %v", err)
		}
		return nil
	}))
}

func TestStore_MatchesModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		disk := memfs.New(memfs.WithoutCrashes())
		m := &machine{
			env: open(t, disk), store: blob.New(), uploads: map[blob.Number][]byte{}, blobs: map[blob.Hash]held{}, garbage: map[blob.Number]bool{},
		}
		defer func() { must(t, m.env.Close()) }()
		t.Repeat(map[string]func(*rapid.T){
			"upload": m.upload, "upload again": m.upload, "finish": m.finish, "finish again": m.finish, "abandon": m.abandon, "reference": m.reference,
			"release": m.release, "clean": m.clean,
			"": m.wantSame,
		})
		// Nothing is left when all is given back.
		for h, have := range m.blobs {
			for range have.references {
				m.update(t, func(tx *storage.WriteTx) { must(t, m.store.Release(tx, h)) })
			}
		}
		m.update(t, func(tx *storage.WriteTx) {
			_, err := m.store.Clean(tx, 1000, func(blob.Number) bool { return false })
			must(t, err)
		})
		must(t, m.env.View(func(tx *storage.ReadTx) error {
			rows, ok := tx.Sections("blob-chunks")
			if s := m.store.Stats(tx); s != (blob.Stats{}) || ok && rows.State().Rows != 0 {
				t.Fatalf("left over: %+v, and chunks", s)
			}
			return nil
		}))
	})
}

// A reader can begin anywhere, and is one as package io wants it.
func TestReader_ReadsRanges(t *testing.T) {
	env := open(t, memfs.New(memfs.WithoutCrashes()))
	defer func() { must(t, env.Close()) }()
	s, c := blob.New(), content(7, 2*blob.ChunkBytes+100)
	h := blob.Hash(sha256.Sum256(c))
	must(t, env.Update(func(tx *storage.WriteTx) error {
		n, err := s.Begin(tx)
		must(t, err)
		for place := range 3 {
			must(t, s.WriteChunk(tx, n, place, c[place*blob.ChunkBytes:min(len(c), (place+1)*blob.ChunkBytes)]))
		}
		_, err = s.Finish(tx, n, h, int64(len(c)))
		return err
	}))
	must(t, env.View(func(tx *storage.ReadTx) error {
		r, err := s.Open(tx, h)
		must(t, err)
		for _, from := range []int64{0, 1, blob.ChunkBytes - 1, blob.ChunkBytes, 2*blob.ChunkBytes + 99, int64(len(c)), int64(len(c)) + 5} {
			_, err := r.Seek(from, io.SeekStart)
			must(t, err)
			var got bytes.Buffer
			if _, err := io.Copy(&got, r); err != nil || !bytes.Equal(got.Bytes(), c[min(from, int64(len(c))):]) {
				t.Errorf("from %d: got %d bytes, %v", from, got.Len(), err)
			}
		}
		if _, err := r.Seek(-1, io.SeekStart); err == nil {
			t.Error("a place before the beginning was taken")
		}
		_, err = r.Seek(0, io.SeekStart)
		must(t, err)
		return iotest.TestReader(struct{ io.ReadSeeker }{r}, c)
	}))
	must(t, env.View(func(tx *storage.ReadTx) error {
		if _, err := s.Open(tx, blob.Hash{1}); fault.Of(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
		return nil
	}))
}

func TestHash_IsBase64OfFortyFourCharacters(t *testing.T) {
	h := blob.Hash(sha256.Sum256(nil))
	text := h.String()
	if text != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" { // as any other tool has it
		t.Errorf("got %s", text)
	}
	if back, ok := blob.ParseHash(text); !ok || back != h {
		t.Errorf("got %v, %v", back, ok)
	}
	for _, bad := range []string{"", text[1:], text + "=", "A" + text, fmt.Sprint("!", text[1:])} {
		if _, ok := blob.ParseHash(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}
