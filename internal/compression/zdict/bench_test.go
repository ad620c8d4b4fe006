package zdict_test

import (
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/compression/zdict"
)

func BenchmarkEncode(b *testing.B) {
	d := trained(b, 1)
	for name, e := range map[string]*zdict.Encoder{"none": newEncoder(b, nil), "trained": newEncoder(b, &d)} {
		b.Run(fmt.Sprintf("value=order/dictionary=%s", name), func(b *testing.B) {
			values := compressiontest.NewOrders(2).Many(256)
			dst := make([]byte, 0, 4<<10)
			raw, stored, n := 0, 0, 0
			b.ReportAllocs()
			for b.Loop() {
				v := values[n%len(values)]
				dst = e.Append(dst[:0], v)
				raw, stored, n = raw+len(v), stored+len(dst), n+1
			}
			b.SetBytes(int64(raw / n))
			b.ReportMetric(float64(raw)/float64(stored), "ratio")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	d := trained(b, 1)
	for _, wipe := range []bool{false, true} {
		b.Run(fmt.Sprintf("value=order/dictionary=trained/wipe=%v", wipe), func(b *testing.B) {
			dec, err := zdict.NewDecoder(&d, zdict.DecoderOptions{Wipe: wipe})
			if err != nil {
				b.Fatal(err)
			}
			e := newEncoder(b, &d)
			var stored [][]byte
			for _, v := range compressiontest.NewOrders(2).Many(256) {
				stored = append(stored, e.Append(nil, v))
			}
			dst := make([]byte, 0, 4<<10)
			raw, n := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				if dst, err = dec.Append(dst[:0], stored[n%len(stored)]); err != nil {
					b.Fatal(err)
				}
				raw, n = raw+len(dst), n+1
			}
			b.SetBytes(int64(raw / n))
		})
	}
}

func BenchmarkTrain(b *testing.B) {
	samples := compressiontest.NewOrders(1).Many(512)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := zdict.Train(1, samples, nil); err != nil {
			b.Fatal(err)
		}
	}
}
