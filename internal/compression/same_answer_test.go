package compression_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/rookerydb/rookery/internal/compression"
	"github.com/rookerydb/rookery/internal/compression/compressiontest"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// TestOptions_GiveTheSameAnswer writes the same orders with dictionaries, without, and with wiped memory: after each
// transaction the same values are read.
func TestOptions_GiveTheSameAnswer(t *testing.T) {
	seeds := uint64(6)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		for name, opts := range map[string]compression.Options{
			"early dictionaries": {TrainAfterValues: 64}, "no dictionaries": {TrainAfterValues: 1 << 30},
			"wiped memory": {TrainAfterValues: 64, Wipe: true},
		} {
			t.Run(fmt.Sprintf("seed=%d/%s", seed, name), func(t *testing.T) {
				trained := playOrders(t, opts, seed)
				if never := opts.TrainAfterValues > 64; never == (trained > 0) {
					t.Errorf("%d dictionaries were trained", trained)
				}
			})
		}
	}
}

// playOrders plays the history of this seed, and returns how many dictionaries came of it.
func playOrders(t *testing.T, opts compression.Options, seed uint64) (trained int) {
	t.Helper()
	s := openStore(t, memfs.New(memfs.WithoutCrashes()), opts)
	defer s.close(t)
	orders, random := compressiontest.NewOrders(seed), rand.New(rand.NewPCG(seed, 1))
	want := map[string][]byte{}
	for step := range 60 {
		orders.Era = step / 30
		changed, w := maps.Clone(want), s.begin(t)
		for range 1 + random.IntN(20) {
			key := fmt.Sprintf("orders/%d", random.IntN(100))
			changed[key] = orders.Next()
			w.put(t, "Orders", key, changed[key])
		}
		if random.IntN(5) == 0 {
			w.rollback()
		} else {
			w.commit(t)
			want = changed
		}
		n, err := s.svc.Train()
		if err != nil {
			t.Fatal(err)
		}
		trained += n
		if random.IntN(8) == 0 {
			s.reopen(t)
		}
		s.wantAll(t, want)
		s.check(t)
	}
	return trained
}
