package table_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/table"
)

func TestRow_RoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.Byte().Draw(t, "kind")
		fields := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), 0, table.FieldsMax).Draw(t, "fields")
		before := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "before")
		after := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "after")
		b := append(table.AppendRow(bytes.Clone(before), kind, fields...), after...)
		row, rest, err := table.DecodeRow(b[len(before):])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(rest, after) || row.Kind() != kind || row.Fields() != len(fields) {
			t.Fatalf("got kind %d, %d fields, rest %x; want %d, %d, %x", row.Kind(), row.Fields(), rest, kind, len(fields), after)
		}
		total := 0
		for i, f := range fields {
			total += len(f)
			if !bytes.Equal(row.Field(i), f) {
				t.Fatalf("field %d: got %x, want %x", i, row.Field(i), f)
			}
		}
		if row.FieldBytes() != total || len(row.Bytes()) != len(b)-len(before)-len(after) {
			t.Fatalf("got %d bytes of fields in %d, want %d", row.FieldBytes(), len(row.Bytes()), total)
		}
	})
}

func TestDecodeRow_FindsEveryFlippedBit(t *testing.T) {
	b := table.AppendRow(nil, 7, []byte("users/1"), nil, []byte("some body"))
	for i := range len(b) * 8 {
		broken := bytes.Clone(b)
		broken[i/8] ^= 1 << (i % 8)
		_, _, err := table.DecodeRow(broken)
		var corrupt *table.CorruptRowError
		if !errors.As(err, &corrupt) || fault.Of(err) != fault.Corrupt {
			t.Errorf("bit %d flipped: got error %v, want a *CorruptRowError", i, err)
		}
	}
}

func TestDecodeRow_RefusesEveryCutRow(t *testing.T) {
	b := table.AppendRow(nil, 7, []byte("users/1"), bytes.Repeat([]byte("x"), 300))
	for n := range len(b) {
		if _, _, err := table.DecodeRow(b[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were taken for a row", n, len(b))
		}
	}
}

// The page that describes the format has an example; it must be what the code writes.
func TestRow_IsAsItsPageSays(t *testing.T) {
	page, err := os.ReadFile("../../docs/format/table.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, ok := strings.Cut(string(page), "<!-- example -->\n```text\n")
	if !ok {
		t.Fatal("docs/format/table.md has no example")
	}
	example, _, _ = strings.Cut(example, "```")
	var want []byte
	for line := range strings.Lines(example) {
		digits, _, _ := strings.Cut(line, "|")
		b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(digits), " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, b...)
	}
	got := table.AppendRow(nil, 2, []byte("users/1"), []byte("Users/1"), []byte{0, 0, 0, 0, 0, 0, 0, 9})
	if diff := cmp.Diff(hex.Dump(got), hex.Dump(want)); diff != "" {
		t.Errorf("the example in docs/format/table.md is another row (-code +page):\n%s", diff)
	}
}

func FuzzDecodeRow(f *testing.F) {
	f.Add(table.AppendRow(nil, 1, []byte("a"), nil, []byte("bc")))
	f.Add(table.AppendRow(nil, 1))
	f.Add([]byte("RKRW\x01\x01\x02\x00"))
	f.Fuzz(func(t *testing.T, src []byte) {
		row, rest, err := table.DecodeRow(src)
		if err != nil {
			return
		}
		fields := make([][]byte, row.Fields())
		for i := range fields {
			fields[i] = row.Field(i)
		}
		if again := table.AppendRow(nil, row.Kind(), fields...); !bytes.Equal(again, src[:len(src)-len(rest)]) && len(again) >= len(row.Bytes()) {
			t.Errorf("row %x was written as %x", again, row.Bytes())
		}
	})
}
