package jsondoc_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// TestCheck_FindsEveryChangedBit changes each bit of a document. Some changes make another sound document (another
// digit, another letter); those must be the encoding of their text. All others must be found.
func TestCheck_FindsEveryChangedBit(t *testing.T) {
	doc := mustParse(t, `{"name":"Ada","tags":["a",[1,2.5,{}],true,null],"x":{"y":{"z":"\n"}}}`)
	found := 0
	for i := range doc {
		for bit := range 8 {
			b := bytes.Clone(doc)
			b[i] ^= 1 << bit
			got, err := jsondoc.Check(b)
			if err != nil {
				found++
				if fault.Of(err) != fault.Corrupt {
					t.Fatalf("byte %d, bit %d: kind %v", i, bit, fault.Of(err))
				}
				continue
			}
			wantDocument(t, got, got.Text())
		}
	}
	index := len(doc) - len(doc.Text())
	if found < 8*index {
		t.Errorf("%d changes were found; those outside the text alone are %d", found, 8*index)
	}
}

func TestCheck_FindsEveryCut(t *testing.T) {
	doc := mustParse(t, `{"name":"Ada","tags":["a",[1,2.5]]}`)
	for n := range doc {
		if _, err := jsondoc.Check(doc[:n]); err == nil {
			t.Errorf("the first %d bytes of %d pass", n, len(doc))
		}
	}
	if _, err := jsondoc.Check(append(bytes.Clone(doc), 0)); err == nil {
		t.Error("a byte too many passes")
	}
}

func TestCheck_SaysWhere(t *testing.T) {
	f := func(b []byte, want string) {
		t.Helper()
		_, err := jsondoc.Check(b)
		var corrupt *jsondoc.CorruptError
		if !errors.As(err, &corrupt) || err.Error() != want {
			t.Errorf("Check(%x): got %v, want %s", b, err, want)
		}
	}
	f(nil, `stored document, byte 0: the bytes end in the header`)
	f([]byte(`{"a":1}`), `stored document, byte 0: the bytes do not begin as a document does`)
	f([]byte{0xD1, 3, 1, 0, '1'}, `stored document, byte 1: the width of offsets is none that we write`)
	f([]byte{0xD1, 2, 1, 0}, `stored document, byte 4: the bytes end in the header`)
	f([]byte{0xD1, 0, 2, 0, '1'}, `stored document, byte 2: the text is said to be longer than the bytes`)
	f([]byte{0xD1, 0, 0, 0}, `stored document, byte 4: the text is not JSON that we take: line 1, column 1: the text is empty`)
	f([]byte{0xD1, 0, 2, 0, ' ', '1'}, `stored document, byte 2: the bytes are not what the text is encoded as`)
	f([]byte{0xD1, 1, 1, 0, 0, '1'}, `stored document, byte 1: the bytes are not what the text is encoded as`)
	f([]byte{0xD1, 0, 1, 0, '1', 0}, `stored document, byte 5: the bytes are not what the text is encoded as`)
}
