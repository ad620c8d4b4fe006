package recording_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/database/recording"
	"github.com/rookerydb/rookery/internal/fault"
)

const databaseID = "0123456789012345678901"

func header() recording.Header {
	return recording.Header{DatabaseID: databaseID, Started: time.Unix(0, 1).UTC()}
}

func drawEntry(t *rapid.T) recording.Entry {
	e := recording.Entry{
		Kind: recording.Kind(rapid.IntRange(0, 6).Draw(t, "kind")), Committed: rapid.Bool().Draw(t, "committed"),
		Tx: rapid.Uint64().Draw(t, "tx"), At: time.Unix(0, rapid.Int64().Draw(t, "at")).UTC(),
		Fields: rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 0, 300)).Draw(t, "fields"),
	}
	if len(e.Fields) == 0 {
		e.Fields = nil
	}
	if !e.Committed {
		e.Fault = fault.Kind(rapid.IntRange(0, 9).Draw(t, "fault"))
	}
	return e
}

// TestReader_GivesWhatWasAppended, however the bytes come, and wherever they end.
func TestReader_GivesWhatWasAppended(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := recording.AppendHeader(nil, header())
		var want []recording.Entry
		var ends []int
		for range rapid.IntRange(0, 6).Draw(t, "entries") {
			want = append(want, drawEntry(t))
			ends = append(ends, len(file))
			file = recording.AppendEntry(file, want[len(want)-1])
		}
		end := rapid.IntRange(recording.HeaderBytes, len(file)).Draw(t, "end")
		r, err := recording.NewReader(iotest.HalfReader(bytes.NewReader(file[:end])))
		if err != nil || r.Header() != header() {
			t.Fatalf("header %+v, %v", r.Header(), err)
		}
		whole := end == len(file)
		for i, e := range want {
			got, err := r.Next()
			if i+1 < len(ends) && end < ends[i+1] || i+1 == len(ends) && !whole {
				whole = end == ends[i]
				if cut := (*recording.CutShortError)(nil); !whole && !errors.As(err, &cut) || whole && !errors.Is(err, io.EOF) {
					t.Fatalf("cut at %d, entry %d at %d: %v", end, i, ends[i], err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, e); diff != "" {
				t.Fatalf("entry %d (-got +want):\n%s", i, diff)
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatalf("after the last entry: %v, want EOF", err)
		}
	})
}

// TestReader_SeesEveryFlippedBit.
func TestReader_SeesEveryFlippedBit(t *testing.T) {
	file := recording.AppendEntry(recording.AppendHeader(nil, header()), recording.Entry{
		Kind: recording.Put, Committed: true, Tx: 9, At: time.Unix(1, 2), Fields: [][]byte{[]byte("a"), nil, []byte("{}")},
	})
	for i := range len(file) * 8 {
		bad := bytes.Clone(file)
		bad[i/8] ^= 1 << (i % 8)
		r, err := recording.NewReader(bytes.NewReader(bad))
		if err == nil {
			_, err = r.Next()
		}
		if err == nil || errors.Is(err, io.EOF) || fault.Of(err) != fault.Invalid {
			t.Errorf("bit %d: %v", i, err)
		}
	}
}

func TestNewReader_RefusesALaterVersion(t *testing.T) {
	file := recording.AppendHeader(nil, header())
	file[8] = 2
	_, err := recording.NewReader(bytes.NewReader(file))
	if newer := (*recording.NewerFormatError)(nil); !errors.As(err, &newer) || newer.Found != 2 {
		t.Errorf("got %v, want *NewerFormatError", err)
	}
}

// TestReader_TakesNoMemoryOnTheStrengthOfALength: an entry that announces half a gigabyte and has four bytes.
func TestReader_TakesNoMemoryOnTheStrengthOfALength(t *testing.T) {
	file := append(recording.AppendHeader(nil, header()), 0, 0, 0, 0x20)
	file = append(file, make([]byte, 32)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := recording.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err == nil {
		t.Fatal("an entry")
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("%d bytes of memory", allocated)
	}
}

// TestFormat_PageShowsTheBytes holds docs/format/recording.md to the code.
func TestFormat_PageShowsTheBytes(t *testing.T) {
	got := recording.AppendEntry(recording.AppendHeader(nil, header()), recording.Entry{
		Kind: recording.Delete, Committed: true, Tx: 7, At: time.Unix(0, 2), Fields: [][]byte{[]byte("a"), []byte("any")},
	})
	page, err := os.ReadFile("../../../docs/format/recording.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "<!-- example -->\n```text\n")
	block, _, _ := strings.Cut(rest, "```")
	var want []byte
	for line := range strings.Lines(block) {
		digits, _, _ := strings.Cut(line, "|")
		b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		if err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		want = append(want, b...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the example (-code +page):\n%s", cmp.Diff(hex.Dump(got), hex.Dump(want)))
	}
}

func FuzzReader(f *testing.F) {
	file := recording.AppendHeader(nil, header())
	f.Add(file)
	for _, kind := range []recording.Kind{recording.Put, recording.Batch, recording.NextHiLo} {
		file = recording.AppendEntry(file, recording.Entry{
			Kind: kind, Committed: true, At: time.Unix(3, 4), Fields: [][]byte{[]byte("users/1"), {1, 2}, make([]byte, 200)},
		})
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := recording.NewReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		again := b[:recording.HeaderBytes:recording.HeaderBytes]
		for {
			e, err := r.Next()
			if err != nil {
				if !errors.Is(err, io.EOF) && fault.Of(err) != fault.Invalid {
					t.Errorf("untyped error %v", err)
				}
				break
			}
			again = recording.AppendEntry(again, e)
		}
		if !bytes.HasPrefix(b, again[:recording.HeaderBytes]) || len(again) > len(b)+len(b)/2 {
			t.Errorf("%d bytes were read as entries of %d bytes", len(b), len(again))
		}
	})
}

func FuzzDecodeFields(f *testing.F) {
	f.Add([]byte{1, 'a', 0, 3, 'a', 'n', 'y'})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		fields, err := recording.DecodeFields(b)
		if err != nil {
			return
		}
		again, err := recording.DecodeFields(recording.AppendFields(nil, fields))
		if diff := cmp.Diff(again, fields); err != nil || diff != "" {
			t.Errorf("%v, (-again +first)\n%s", err, diff)
		}
	})
}
