package row_test

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
	"github.com/rookerydb/rookery/internal/table/row"
)

func TestRow_RoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.Byte().Draw(t, "kind")
		fields := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), 0, row.FieldsMax).Draw(t, "fields")
		before := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "before")
		after := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "after")
		b := append(row.Append(bytes.Clone(before), kind, fields...), after...)
		r, rest, err := row.Decode(b[len(before):])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(rest, after) || r.Kind() != kind || r.Fields() != len(fields) {
			t.Fatalf("got kind %d, %d fields, rest %x; want %d, %d, %x", r.Kind(), r.Fields(), rest, kind, len(fields), after)
		}
		total := 0
		for i, f := range fields {
			total += len(f)
			if !bytes.Equal(r.Field(i), f) {
				t.Fatalf("field %d: got %x, want %x", i, r.Field(i), f)
			}
		}
		if r.FieldBytes() != total || len(r.Bytes()) != len(b)-len(before)-len(after) {
			t.Fatalf("got %d bytes of fields in %d, want %d", r.FieldBytes(), len(r.Bytes()), total)
		}
	})
}

func TestDecode_FindsEveryFlippedBit(t *testing.T) {
	b := row.Append(nil, 7, []byte("users/1"), nil, []byte("some body"))
	for i := range len(b) * 8 {
		broken := bytes.Clone(b)
		broken[i/8] ^= 1 << (i % 8)
		_, _, err := row.Decode(broken)
		var corrupt *row.CorruptError
		if !errors.As(err, &corrupt) || fault.Of(err) != fault.Corrupt {
			t.Errorf("bit %d flipped: got error %v, want a *CorruptError", i, err)
		}
	}
}

func TestDecode_RefusesEveryCutRow(t *testing.T) {
	b := row.Append(nil, 7, []byte("users/1"), bytes.Repeat([]byte("x"), 300))
	for n := range len(b) {
		if _, _, err := row.Decode(b[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were taken for a row", n, len(b))
		}
	}
}

// The page that describes the format has an example; it must be what the code writes.
func TestRow_IsAsItsPageSays(t *testing.T) {
	page, err := os.ReadFile("../../../docs/format/table.md")
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
	got := row.Append(nil, 2, []byte("users/1"), []byte("Users/1"), []byte{0, 0, 0, 0, 0, 0, 0, 9})
	if diff := cmp.Diff(hex.Dump(got), hex.Dump(want)); diff != "" {
		t.Errorf("the example in docs/format/table.md is another row (-code +page):\n%s", diff)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(row.Append(nil, 1, []byte("a"), nil, []byte("bc")))
	f.Add(row.Append(nil, 1))
	f.Add([]byte("RKRW\x01\x01\x02\x00"))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, rest, err := row.Decode(src)
		if err != nil {
			return
		}
		fields := make([][]byte, r.Fields())
		for i := range fields {
			fields[i] = r.Field(i)
		}
		if again := row.Append(nil, r.Kind(), fields...); !bytes.Equal(again, src[:len(src)-len(rest)]) && len(again) >= len(r.Bytes()) {
			t.Errorf("row %x was written as %x", again, r.Bytes())
		}
	})
}
