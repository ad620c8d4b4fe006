package zdict_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/fault"
)

func TestValue_IsReadAsItWasWritten(t *testing.T) {
	d := trained(t, 300)
	orders := compressiontest.NewOrders(2)
	pairs := []struct {
		enc *zdict.Encoder
		dec *zdict.Decoder
	}{{newEncoder(t, nil), newDecoder(t, nil)}, {newEncoder(t, &d), newDecoder(t, &d)}}
	f := func(what string, value []byte, wantCompressed bool) {
		t.Helper()
		for _, p := range pairs {
			stored := p.enc.Append([]byte("before"), value)
			if string(stored[:6]) != "before" {
				t.Fatalf("%s: what stood in dst is gone", what)
			}
			stored = stored[6:]
			h, _, err := zdict.DecodeHeader(stored)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			want := zdict.Header{RawBytes: len(value), Compressed: wantCompressed}
			if wantCompressed {
				want.Dictionary = p.enc.ID()
			}
			if diff := cmp.Diff(h, want); diff != "" {
				t.Errorf("%s: header (-got +want):\n%s", what, diff)
			}
			got, err := p.dec.Append([]byte("before"), stored)
			if err != nil || string(got) != "before"+string(value) {
				t.Errorf("%s: %d bytes became %d, %v", what, len(value), len(got)-6, err)
			}
			if len(stored) > len(value)+1 {
				t.Errorf("%s: %d bytes are stored as %d", what, len(value), len(stored))
			}
		}
	}
	order := orders.Next()
	f("order", order, true)
	f("nothing", nil, false)
	f("one byte", []byte{7}, false)
	f("too short to be worth it", bytes.Repeat([]byte("a"), zdict.WorthBytesMin-1), false)
	f("just long enough", bytes.Repeat([]byte("a"), zdict.WorthBytesMin), true)
	f("noise", orders.Noise(5000), false)
	f("noise longer than a block", orders.Noise(300_000), false)
	f("long, across blocks", bytes.Repeat(order, 1000), true)
	f("as long as may be", make([]byte, zdict.RawBytesMax), true)
	f("too long", make([]byte, zdict.RawBytesMax+1), false)
}

func TestValue_BecomesTheSameBytesEachTime(t *testing.T) {
	d := trained(t, 1)
	orders := compressiontest.NewOrders(3)
	e, again := newEncoder(t, &d), newEncoder(t, &d)
	for range 200 {
		v := orders.Next()
		first := e.Append(nil, v)
		e.Append(nil, orders.Next()) // what came between must not matter
		if !bytes.Equal(first, e.Append(nil, v)) || !bytes.Equal(first, again.Append(nil, v)) {
			t.Fatal("a value became other bytes the second time")
		}
	}
}

func TestDecoder_MatchesRawValues(t *testing.T) {
	d := trained(t, 7)
	enc, none := newEncoder(t, &d), newEncoder(t, nil)
	set, err := zdict.NewSet()
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Add(d); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		orders := compressiontest.NewOrders(rapid.Uint64().Draw(t, "seed"))
		orders.Era = rapid.IntRange(0, 2).Draw(t, "era")
		value := bytes.Repeat(orders.Next(), rapid.IntRange(0, 40).Draw(t, "repeated"))
		value = append(value, rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "noise")...)
		e := enc
		if rapid.Bool().Draw(t, "without") {
			e = none
		}
		got, err := set.Append(nil, e.Append(nil, value))
		if err != nil || !bytes.Equal(got, value) {
			t.Fatalf("%d bytes became %d, %v", len(value), len(got), err)
		}
	})
}

func TestDecoder_ServesManyAtOnce(t *testing.T) {
	d := trained(t, 1)
	dec := newDecoder(t, &d)
	values := compressiontest.NewOrders(4).Many(64)
	stored := make([][]byte, len(values))
	enc := newEncoder(t, &d)
	for i, v := range values {
		stored[i] = enc.Append(nil, v)
	}
	var running sync.WaitGroup
	for g := range 8 {
		running.Go(func() {
			var dst []byte
			for i := range 300 {
				n := (i*7 + g) % len(values)
				var err error
				if dst, err = dec.Append(dst[:0], stored[n]); err != nil || !bytes.Equal(dst, values[n]) {
					t.Errorf("value %d: %v", n, err)
					return
				}
			}
		})
	}
	running.Wait()
}

func TestDecoder_RefusesWhatIsNotItsOwn(t *testing.T) {
	one, two := trained(t, 1), trained(t, 2)
	stored := newEncoder(t, &one).Append(nil, compressiontest.NewOrders(5).Next())
	var unknown *zdict.UnknownDictionaryError
	if _, err := newDecoder(t, &two).Append(nil, stored); !errors.As(err, &unknown) || unknown.ID != 1 || fault.Of(err) != fault.Corrupt {
		t.Errorf("got %v, want that dictionary 1 is unknown", err)
	}
	set, err := zdict.NewSet()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Append(nil, stored); !errors.As(err, &unknown) {
		t.Errorf("got %v, want that dictionary 1 is unknown", err)
	}
	wrong := one
	wrong.ID = 9
	if _, err := zdict.NewDecoder(&wrong, zdict.DecoderOptions{}); fault.Of(err) != fault.Corrupt {
		t.Errorf("a dictionary under a false number: got %v, want corrupt", err)
	}
	if _, err := zdict.NewEncoder(&wrong); fault.Of(err) != fault.Corrupt {
		t.Errorf("a dictionary under a false number: got %v, want corrupt", err)
	}
}

// A value that says it is longer than its blocks could be, or shorter than they are, costs no memory.
func TestDecoder_AllocatesNoMoreThanTheHeaderAllows(t *testing.T) {
	bomb := newEncoder(t, nil).Append(nil, make([]byte, zdict.RawBytesMax))
	body := func(stored []byte) []byte {
		_, body, err := zdict.DecodeHeader(stored)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}(bomb)
	f := func(what string, says uint64, body []byte, mostBytes uint64) {
		t.Helper()
		stored := binary.AppendUvarint([]byte{0xC1, 0}, says)
		stored = append(stored, body...)
		dec := newDecoder(t, nil)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := dec.Append(nil, stored)
		runtime.ReadMemStats(&after)
		if fault.Of(err) != fault.Corrupt {
			t.Errorf("%s: got %v, want corrupt", what, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > mostBytes {
			t.Errorf("%s: %d bytes were allocated, at most %d are right", what, got, mostBytes)
		}
	}
	const fixed = 1 << 20 // of the decoder itself
	f("a bomb that says it is short", 100, body, fixed)
	f("a short body that says it is long", zdict.RawBytesMax, body[:40], fixed)
	f("more than any value may be", zdict.RawBytesMax+1, body, fixed)
	f("a second frame behind its own", 64, append([]byte{3, 2, 0, 'a'}, secondFrame(t)...), fixed)
	f("one byte more than it is", zdict.RawBytesMax, body[:len(body)-4], 2*zdict.RawBytesMax+fixed) // the race detector makes two of one
}

// secondFrame returns a whole zstd frame of many bytes.
func secondFrame(t *testing.T) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	return e.EncodeAll(make([]byte, 32<<20), nil)
}

func FuzzDecodeValue(f *testing.F) {
	d := trained(f, 1)
	set, err := zdict.NewSet()
	if err != nil {
		f.Fatal(err)
	}
	if err := set.Add(d); err != nil {
		f.Fatal(err)
	}
	order := compressiontest.NewOrders(6).Next()
	f.Add(newEncoder(f, &d).Append(nil, order))
	f.Add(newEncoder(f, nil).Append(nil, order))
	f.Add(zdict.AppendPlain(nil, order))
	f.Add([]byte{0xC1, 0, 100, 3, 0, 0, 0})
	f.Fuzz(func(t *testing.T, stored []byte) {
		h, _, err := zdict.DecodeHeader(stored)
		if err == nil && h.RawBytes > 8<<20 {
			return // allowed, and slow
		}
		got, err := set.Append(nil, stored)
		if err != nil {
			if fault.Of(err) != fault.Corrupt || got != nil {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			return
		}
		if len(got) != h.RawBytes || cap(got) > 2*h.RawBytes+1024 {
			t.Fatalf("%d bytes in %d, the header says %d", len(got), cap(got), h.RawBytes)
		}
	})
}
