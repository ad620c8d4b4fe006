package sortkey_test

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/sortkey"
)

func TestAppendFloat64_OrdersAllOfThem(t *testing.T) {
	ascending := []float64{
		math.Inf(-1), -math.MaxFloat64, -1.5, -1, -math.SmallestNonzeroFloat64, math.Copysign(0, -1),
		0, math.SmallestNonzeroFloat64, 1, 1.5, math.MaxFloat64, math.Inf(1), math.NaN(),
	}
	for i := 1; i < len(ascending); i++ {
		a, b := sortkey.AppendFloat64(nil, ascending[i-1]), sortkey.AppendFloat64(nil, ascending[i])
		if bytes.Compare(a, b) >= 0 {
			t.Errorf("%v sorts behind %v", ascending[i-1], ascending[i])
		}
	}
	for _, bits := range []uint64{0x7FF0000000000001, 0xFFF8000000000000, 0xFFFFFFFFFFFFFFFF} {
		got := sortkey.AppendFloat64(nil, math.Float64frombits(bits))
		if !bytes.Equal(got, sortkey.AppendFloat64(nil, math.NaN())) {
			t.Errorf("NaN %x has a key of its own", bits)
		}
	}
	if x, _, err := sortkey.DecodeFloat64(sortkey.AppendFloat64(nil, math.NaN())); err != nil || !math.IsNaN(x) {
		t.Errorf("NaN decodes to %v, %v", x, err)
	}
}

func TestAppendInt64_OrdersAroundZero(t *testing.T) {
	ascending := []int64{math.MinInt64, -256, -255, -1, 0, 1, 255, 256, math.MaxInt64}
	for i := 1; i < len(ascending); i++ {
		a, b := sortkey.AppendInt64(nil, ascending[i-1]), sortkey.AppendInt64(nil, ascending[i])
		if bytes.Compare(a, b) >= 0 {
			t.Errorf("%v sorts behind %v", ascending[i-1], ascending[i])
		}
	}
}

// The bytes are a format: what is on disk is compared with what is made today.
func TestAppend_BytesNeverChange(t *testing.T) {
	f := func(what string, got []byte, want string) {
		t.Helper()
		if string(got) != want {
			t.Errorf("%s: got %x, want %x", what, got, want)
		}
	}
	f("uint64", sortkey.AppendUint64(nil, 0x0102030405060708), "\x01\x02\x03\x04\x05\x06\x07\x08")
	f("int64", sortkey.AppendInt64(nil, -2), "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFE")
	f("float64", sortkey.AppendFloat64(nil, 1.5), "\xBF\xF8\x00\x00\x00\x00\x00\x00")
	f("float64", sortkey.AppendFloat64(nil, -1.5), "\x40\x07\xFF\xFF\xFF\xFF\xFF\xFF")
	f("string", sortkey.AppendString(nil, "a\x00b"), "a\x00\xFFb\x00\x01")
	f("null", sortkey.AppendNull(nil), "\x10")
	f("false", sortkey.AppendBool(nil, false), "\x20")
	f("true", sortkey.AppendBool(nil, true), "\x21")
	f("number", sortkey.AppendKind(nil, sortkey.Number), "\x30")
	f("string", sortkey.AppendKind(nil, sortkey.String), "\x40")
}

// key is a joined key of parts in a fixed order of kinds.
type key struct {
	s    string
	i    int64
	data []byte
	f    float64
	u    uint64
	b    bool
}

func (k key) appendTo(dst []byte) []byte {
	dst = sortkey.AppendString(dst, k.s)
	dst = sortkey.AppendInt64(dst, k.i)
	dst = sortkey.AppendString(dst, k.data)
	dst = sortkey.AppendFloat64(dst, k.f)
	dst = sortkey.AppendUint64(dst, k.u)
	return sortkey.AppendBool(dst, k.b)
}

func decodeKey(src []byte) (k key, rest []byte, err error) {
	steps := []func(){
		func() { var s []byte; s, rest, err = sortkey.DecodeString(nil, rest); k.s = string(s) },
		func() { k.i, rest, err = sortkey.DecodeInt64(rest) },
		func() { k.data, rest, err = sortkey.DecodeString(nil, rest) },
		func() { k.f, rest, err = sortkey.DecodeFloat64(rest) },
		func() { k.u, rest, err = sortkey.DecodeUint64(rest) },
		func() { k.b, rest, err = sortkey.DecodeBool(rest) },
	}
	rest = src
	for _, step := range steps {
		if step(); err != nil {
			return key{}, src, err
		}
	}
	return k, rest, nil
}

func (k key) compare(other key) int {
	return cmp.Or(
		strings.Compare(k.s, other.s), cmp.Compare(k.i, other.i), bytes.Compare(k.data, other.data),
		compareFloats(k.f, other.f), cmp.Compare(k.u, other.u), cmp.Compare(asInt(k.b), asInt(other.b)),
	)
}

// compareFloats is the order that AppendFloat64 promises.
func compareFloats(a, b float64) int {
	switch {
	case math.IsNaN(a) || math.IsNaN(b):
		return cmp.Compare(asInt(math.IsNaN(a)), asInt(math.IsNaN(b)))
	case a == b:
		return cmp.Compare(asInt(math.Signbit(b)), asInt(math.Signbit(a)))
	}
	return cmp.Compare(a, b)
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func drawKey(t *rapid.T) key {
	text := rapid.SampledFrom([]string{"", "\x00", "\x00\x00", "\x00\x01", "\x00\xFF", "\x01", "a", "a\x00", "a\x00b", "a\x01", "ab", "\xFF"})
	floats := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN()}))
	return key{
		s:    text.Draw(t, "s"),
		i:    rapid.OneOf(rapid.Int64(), rapid.Int64Range(-2, 2)).Draw(t, "i"),
		data: []byte(text.Draw(t, "data")),
		f:    floats.Draw(t, "f"),
		u:    rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 2)).Draw(t, "u"),
		b:    rapid.Bool().Draw(t, "b"),
	}
}

func TestKeys_SortLikeTheirParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawKey(t), drawKey(t)
		if rapid.Bool().Draw(t, "same beginning") {
			b.s, b.i = a.s, a.i
		}
		got := bytes.Compare(a.appendTo(nil), b.appendTo(nil))
		if want := a.compare(b); got != want {
			t.Fatalf("%+v to %+v: got %d, want %d", a, b, got, want)
		}
	})
}

func TestKeys_Decode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKey(t)
		src := append(k.appendTo([]byte("before")), "after"...)
		got, rest, err := decodeKey(src[len("before"):])
		if err != nil || string(rest) != "after" || got.compare(k) != 0 {
			t.Fatalf("%+v decodes to %+v, rest %q, err %v", k, got, rest, err)
		}
		if _, _, err := decodeKey(k.appendTo(nil)[:rapid.IntRange(0, len(k.appendTo(nil))-1).Draw(t, "cut")]); fault.Of(err) != fault.Corrupt {
			t.Fatalf("%+v cut short: got error %v", k, err)
		}
	})
}

func TestKinds_SortAsListed(t *testing.T) {
	ascending := [][]byte{
		sortkey.AppendNull(nil), sortkey.AppendBool(nil, false), sortkey.AppendBool(nil, true),
		sortkey.AppendFloat64(sortkey.AppendKind(nil, sortkey.Number), math.Inf(-1)),
		sortkey.AppendFloat64(sortkey.AppendKind(nil, sortkey.Number), 7),
		sortkey.AppendString(sortkey.AppendKind(nil, sortkey.String), ""),
		sortkey.AppendString(sortkey.AppendKind(nil, sortkey.String), "a"),
	}
	if !slices.IsSortedFunc(ascending, bytes.Compare) {
		t.Errorf("not sorted: %x", ascending)
	}
	rest, err := sortkey.DecodeNull(append(ascending[0], 9))
	if err != nil || string(rest) != "\x09" {
		t.Errorf("null: rest %x, err %v", rest, err)
	}
	k, rest, err := sortkey.DecodeKind(ascending[6])
	if err != nil || k != sortkey.String || len(rest) != 3 {
		t.Errorf("kind %x, rest %x, err %v", k, rest, err)
	}
}

func TestDecode_Refuses(t *testing.T) {
	f := func(err error, want string) {
		t.Helper()
		if err == nil || err.Error() != want || fault.Of(err) != fault.Corrupt {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	_, _, err := sortkey.DecodeUint64(make([]byte, 7))
	f(err, "sort key, uint64: the bytes end too early")
	_, _, err = sortkey.DecodeInt64(nil)
	f(err, "sort key, int64: the bytes end too early")
	_, _, err = sortkey.DecodeFloat64(nil)
	f(err, "sort key, float64: the bytes end too early")
	_, _, err = sortkey.DecodeFloat64(bytes.Repeat([]byte{0xFF}, 8))
	f(err, "sort key, float64: a NaN that is never written")
	dst, rest, err := sortkey.DecodeString([]byte("d"), []byte("a\x00\xFFb"))
	f(err, "sort key, string: the bytes end too early")
	if string(dst) != "d" || len(rest) != 4 {
		t.Errorf("after an error: dst %q, rest %q", dst, rest)
	}
	_, _, err = sortkey.DecodeString(nil, []byte("a\x00"))
	f(err, "sort key, string: the bytes end too early")
	_, _, err = sortkey.DecodeString(nil, []byte("a\x00\x02"))
	f(err, "sort key, string: a zero byte is neither escaped nor the end")
	_, _, err = sortkey.DecodeKind([]byte{0})
	f(err, "sort key, kind: no such marker")
	_, _, err = sortkey.DecodeBool(sortkey.AppendNull(nil))
	f(err, "sort key, bool: the marker of another kind")
	_, err = sortkey.DecodeNull(sortkey.AppendBool(nil, true))
	f(err, "sort key, null: the marker of another kind")
	_, err = sortkey.DecodeNull(nil)
	f(err, "sort key, kind: the bytes end too early")
}

// FuzzDecode: a decoder never panics, and what it takes is what the encoder writes for the value.
func FuzzDecode(f *testing.F) {
	f.Add(key{s: "a\x00b", i: -1, data: []byte("c"), f: -2.5, u: 3, b: true}.appendTo(nil))
	f.Add([]byte("a\x00\xFF\x00\x01rest"))
	f.Add([]byte{0x10})
	f.Fuzz(func(t *testing.T, src []byte) {
		same := func(what string, rest []byte, err error, encode func() []byte) {
			var corrupt *sortkey.CorruptError
			if err != nil {
				if !errors.As(err, &corrupt) || len(rest) != len(src) {
					t.Fatalf("%s: rest %x, error %v", what, rest, err)
				}
			} else if again := append(encode(), rest...); !bytes.Equal(again, src) {
				t.Fatalf("%s: %x encodes again as %x", what, src, again)
			}
		}
		u, rest, err := sortkey.DecodeUint64(src)
		same("uint64", rest, err, func() []byte { return sortkey.AppendUint64(nil, u) })
		i, rest, err := sortkey.DecodeInt64(src)
		same("int64", rest, err, func() []byte { return sortkey.AppendInt64(nil, i) })
		x, rest, err := sortkey.DecodeFloat64(src)
		same("float64", rest, err, func() []byte { return sortkey.AppendFloat64(nil, x) })
		s, rest, err := sortkey.DecodeString(nil, src)
		same("string", rest, err, func() []byte { return sortkey.AppendString(nil, s) })
		b, rest, err := sortkey.DecodeBool(src)
		same("bool", rest, err, func() []byte { return sortkey.AppendBool(nil, b) })
		rest, err = sortkey.DecodeNull(src)
		same("null", rest, err, func() []byte { return sortkey.AppendNull(nil) })
		k, rest, err := sortkey.DecodeKind(src)
		same("kind", rest, err, func() []byte { return sortkey.AppendKind(nil, k) })
	})
}
