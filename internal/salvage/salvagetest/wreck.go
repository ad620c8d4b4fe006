package salvagetest

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Wreck destroys about share of the pages in the data file, one at least, by a seed: garbage, zeros, single bits, halves
// that were never written, pages written over others. It returns which places hold other bytes than before.
func (d *Database) Wreck(seed uint64, share float64) map[page.No]bool {
	random := rand.New(rand.NewPCG(seed, 2))
	wrecked := map[page.No]bool{}
	d.Disk.Corrupt(Data, func(b []byte) []byte {
		pages := len(b) / page.SizeBytes
		for range max(1, int(float64(pages)*share)) {
			no := random.IntN(pages)
			p := b[no*page.SizeBytes:][:page.SizeBytes]
			before := string(p)
			wreckPage(random, p, b)
			if string(p) != before {
				wrecked[page.No(no)] = true
			}
		}
		return b
	})
	return wrecked
}

func wreckPage(random *rand.Rand, p, file []byte) {
	switch random.IntN(6) {
	case 0:
		clear(p)
	case 1:
		p[random.IntN(len(p))] ^= 1 << random.IntN(8)
	case 2:
		copy(p[page.SizeBytes/2:], file[random.IntN(len(file)-page.SizeBytes):])
	case 3:
		other := random.IntN(len(file) / page.SizeBytes)
		copy(p, file[other*page.SizeBytes:][:page.SizeBytes])
	case 4: // all but the number, which is what a look at the header alone would believe
		fill(random, p[8:])
	default:
		fill(random, p)
	}
}

func fill(random *rand.Rand, b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		binary.LittleEndian.PutUint64(b, random.Uint64())
	}
}
