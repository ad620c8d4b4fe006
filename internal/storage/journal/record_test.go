package journal_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/journal"
)

var sampleHeader = journal.Header{
	Env:     journal.EnvID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	Journal: 0x1112131415161718, Tx: 0x2122232425262728, Prev: 0x3132333435363738, NextPage: 0x4142434445464748,
	State: []byte("the state after it"),
}

const never = journal.PayloadBytesMax

func TestRecord_KeepsEveryField(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 20_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	f := func(payload []byte, compressAbove, wantBytes int) {
		t.Helper()
		record, hash, _ := journal.AppendRecord(nil, sampleHeader, payload, compressAbove, nil)
		got, err := journal.DecodeRecord(append(record, "what follows"...))
		if err != nil {
			t.Fatal(err)
		}
		want := journal.Record{Header: sampleHeader, Payload: payload, Bytes: wantBytes}
		want.Hash = hash
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if len(record) != wantBytes {
			t.Errorf("%d bytes, want %d", len(record), wantBytes)
		}
	}
	f([]byte("x"), never, 4096)
	f(noise[:4096-256], never, 4096)
	f(noise[:4096-255], never, 8192)
	f(bytes.Repeat([]byte("ab"), 10_000), 4096, 4096)
	f(bytes.Repeat([]byte("ab"), 10_000), never, 20_480)
	f(noise, 4096, 20_480) // compression that saves nothing is not kept
}

func TestDecodeRecord_FindsEveryFlippedBit(t *testing.T) {
	record, _, _ := journal.AppendRecord(nil, sampleHeader, []byte("a payload"), never, nil)
	for bit := range (journal.HeaderBytes + len("a payload")) * 8 {
		record[bit/8] ^= 1 << (bit % 8)
		if _, err := journal.DecodeRecord(record); err == nil {
			t.Fatalf("flipped bit %d was not found", bit)
		}
		record[bit/8] ^= 1 << (bit % 8)
	}
}

func TestChange_KeepsEveryField(t *testing.T) {
	before, after := make([]byte, journal.PageBytes), make([]byte, journal.PageBytes)
	copy(before[100:], "before")
	copy(after[100:], "behind")
	payload := journal.AppendFree(nil, 1<<40, 700)
	payload = journal.AppendPage(payload, 7, 0x1112131415161718, before, after)
	payload = journal.AppendPage(payload, 8, 9, nil, append(after, before...))
	var got []journal.Change
	for len(payload) > 0 {
		c, rest, err := journal.DecodeChange(payload)
		if err != nil {
			t.Fatal(err)
		}
		got, payload = append(got, c), rest
	}
	want := []journal.Change{
		{Page: 1 << 40, Pages: 700, Kind: journal.Free},
		{Page: 7, Pages: 1, Kind: journal.Diff, Hash: 0x1112131415161718, Ranges: journal.AppendDiff(nil, before, after)},
		{Page: 8, Pages: 2, Kind: journal.New, Hash: 9, Ranges: journal.AppendNew(nil, append(after, before...))},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeChange_RefusesNonsense(t *testing.T) {
	for _, src := range [][]byte{
		nil,
		{1},
		{1, 0},
		{1, 3},
		{1, 7},
		{1, 4},
		{1, 4, 1, 2, 3},
		{1, 4, 1, 2, 3, 4, 5, 6, 7, 8},
		{0x80},
		{1, 0x80},
		{1, 4, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0xFF, 0xFF, 3, 'x', 0},
	} {
		var bad *journal.DecodeError
		if _, _, err := journal.DecodeChange(src); !errors.As(err, &bad) {
			t.Errorf("% x: got %v, want *DecodeError", src, err)
		}
	}
}

// FuzzDecodeRecord: no bytes make decoding panic, and what was encoded comes back.
func FuzzDecodeRecord(f *testing.F) {
	record, _, _ := journal.AppendRecord(nil, sampleHeader, []byte("a payload"), never, nil)
	packed, _, _ := journal.AppendRecord(nil, sampleHeader, bytes.Repeat([]byte("a payload"), 1000), 100, nil)
	f.Add(record, 10)
	f.Add(packed, 10)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, src []byte, compressAbove int) {
		if r, err := journal.DecodeRecord(src); err == nil {
			for payload := r.Payload; len(payload) > 0; {
				var err error
				if _, payload, err = journal.DecodeChange(payload); err != nil {
					break
				}
			}
		}
		for payload := src; len(payload) > 0; {
			var err error
			if _, payload, err = journal.DecodeChange(payload); err != nil {
				break
			}
		}
		again, _, _ := journal.AppendRecord(nil, sampleHeader, src, max(compressAbove, 0), nil)
		got, err := journal.DecodeRecord(again)
		if err != nil || !bytes.Equal(got.Payload, src) {
			t.Fatalf("%d bytes did not come back: %v", len(src), err)
		}
	})
}
