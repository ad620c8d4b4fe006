package compression_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// BenchmarkCompress is what a write pays: the lookup, the encoder and the count, 64 values in a transaction. Commits are not in
// the time.
func BenchmarkCompress(b *testing.B) {
	for _, trained := range []bool{false, true} {
		name := "value=order/dictionary=none"
		if trained {
			name = "value=order/dictionary=trained"
		}
		b.Run(name, func(b *testing.B) {
			s := openStore(b, memfs.New(memfs.WithoutCrashes()), compression.Options{TrainAfterValues: 512})
			defer s.close(b)
			orders := compressiontest.NewOrders(1)
			if trained {
				s.putMany(b, "Orders", "old", orders, 600)
				s.train(b, 1)
			}
			values := orders.Many(256)
			dst := make([]byte, 0, 4<<10)
			raw, stored := 0, 0
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; {
				b.StopTimer()
				w := s.begin(b)
				b.StartTimer()
				for range 64 {
					v := values[i%len(values)]
					var err error
					if dst, err = w.session.Compress(dst[:0], "Orders", v); err != nil {
						b.Fatal(err)
					}
					raw, stored, i = raw+len(v), stored+len(dst), i+1
				}
				b.StopTimer()
				w.commit(b)
				b.StartTimer()
			}
			b.SetBytes(int64(raw / max(1, b.N)))
			b.ReportMetric(float64(raw)/float64(stored), "ratio")
		})
	}
}

// BenchmarkDecompress is what a read pays, without finding the value.
func BenchmarkDecompress(b *testing.B) {
	s := openStore(b, memfs.New(memfs.WithoutCrashes()), compression.Options{TrainAfterValues: 512})
	defer s.close(b)
	orders := compressiontest.NewOrders(1)
	s.putMany(b, "Orders", "old", orders, 600)
	s.train(b, 1)
	s.putMany(b, "Orders", "new", orders, 256)
	s.view(b, func(tx *storage.ReadTx) {
		var all [][]byte
		for i := range 256 {
			all = append(all, storedIn(b, tx, "new"+string(rune('a'+i%26))+string(rune('0'+i/26))))
		}
		b.Run("value=order/dictionary=trained", func(b *testing.B) {
			dst := make([]byte, 0, 4<<10)
			raw, n := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = s.svc.Decompress(tx, dst[:0], all[n%len(all)]); err != nil {
					b.Fatal(err)
				}
				raw, n = raw+len(dst), n+1
			}
			b.SetBytes(int64(raw / n))
		})
	})
}
