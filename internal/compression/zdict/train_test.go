package zdict_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
)

func TestTrain_MakesOrdersASmallerPart(t *testing.T) {
	d := trained(t, 1)
	ratio := func(e *zdict.Encoder, orders *compressiontest.Orders) float64 {
		raw, stored := 0, 0
		for _, v := range orders.Many(500) {
			raw += len(v)
			stored += len(e.Append(nil, v))
		}
		return float64(raw) / float64(stored)
	}
	without := ratio(newEncoder(t, nil), compressiontest.NewOrders(9))
	with := ratio(newEncoder(t, &d), compressiontest.NewOrders(9))
	drifted := compressiontest.NewOrders(9)
	drifted.Era = 1
	after := ratio(newEncoder(t, &d), drifted)
	t.Logf("ratio: %.2f without a dictionary, %.2f with, %.2f with it after a drift", without, with, after)
	if with < 2*without || with < 4 {
		t.Errorf("the dictionary makes %.2f of %.2f", with, without)
	}
	if after > with/1.5 {
		t.Errorf("the orders do not drift: %.2f after %.2f", after, with)
	}
	if d.Ratio < with*0.9 || d.Ratio > with*1.1 {
		t.Errorf("training promised %.2f, and it is %.2f", d.Ratio, with)
	}
}

func TestTrain_MakesTheSameOfTheSame(t *testing.T) {
	if !bytes.Equal(trained(t, 5).Bytes, trained(t, 5).Bytes) {
		t.Error("equal samples made different dictionaries")
	}
}

// Samples of any kind make a dictionary that works, or a clear error.
func TestTrain_TakesSamplesOfAnyKind(t *testing.T) {
	orders := compressiontest.NewOrders(1)
	many := func(n int, make func(i int) []byte) [][]byte {
		all := [][]byte{}
		for i := range n {
			all = append(all, make(i))
		}
		return all
	}
	f := func(what string, samples [][]byte, wantError bool) {
		t.Helper()
		got, err := zdict.Train(3, samples, nil)
		if wantError || err != nil {
			if _, ok := errors.AsType[*zdict.UntrainableError](err); !ok {
				t.Errorf("%s: got %v, want *UntrainableError", what, err)
			}
			return
		}
		d := zdict.Dictionary{ID: 3, Bytes: got.Bytes}
		enc, dec := newEncoder(t, &d), newDecoder(t, &d)
		for _, v := range samples {
			if back, err := dec.Append(nil, enc.Append(nil, v)); err != nil || !bytes.Equal(back, v) {
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
	f("none", nil, true)
	f("too few", orders.Many(zdict.SamplesMin-1), true)
	f("just enough", orders.Many(zdict.SamplesMin), false)
	f("empty", many(100, func(int) []byte { return nil }), true)
	f("noise", many(100, func(int) []byte { return orders.Noise(500) }), false)
	f("all the same", many(100, func(int) []byte { return []byte("the same value again and again, whatever the number") }), false)
	f("one byte each", many(100, func(i int) []byte { return []byte{byte(i)} }), true)
	f("one letter", many(100, func(i int) []byte { return bytes.Repeat([]byte{'a'}, 100+i) }), false)
	f("two letters", many(100, func(i int) []byte { return bytes.Repeat([]byte{'a', 'b'}, 50+i) }), false)
	f("longer than a sample may be", many(100, func(int) []byte { return bytes.Repeat(orders.Next(), 5) }), false)
}

func FuzzTrain(f *testing.F) {
	f.Add([]byte(`{"Name":"Ada","City":"London"}`), uint8(3))
	f.Add(compressiontest.NewOrders(1).Next(), uint8(50))
	f.Fuzz(func(t *testing.T, text []byte, step uint8) {
		var samples [][]byte
		for i := range zdict.SamplesMin {
			from := min(len(text), i*int(step)%(len(text)+1))
			samples = append(samples, append(bytes.Clone(text[from:]), byte(i)))
		}
		got, err := zdict.Train(1, samples, nil)
		if err != nil {
			if _, ok := errors.AsType[*zdict.UntrainableError](err); !ok {
				t.Fatal(err)
			}
			return
		}
		d := zdict.Dictionary{ID: 1, Bytes: got.Bytes}
		if back, err := newDecoder(t, &d).Append(nil, newEncoder(t, &d).Append(nil, text)); err != nil || !bytes.Equal(back, text) {
			t.Fatalf("%d bytes became %d, %v", len(text), len(back), err)
		}
	})
}
