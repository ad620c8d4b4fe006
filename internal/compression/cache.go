package compression

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/storage"
)

// decoderCache keeps decoders of committed dictionaries by id. Readers take no lock: the map is replaced as a whole.
//
// When it is full one goes that was not used since the last time round (the clock of Corbató: A Paging Experiment with the
// Multics System, 1968). Whoever has it in hand keeps it.
type decoderCache struct {
	current atomic.Pointer[map[uint32]*cachedDecoder]
	mu      sync.Mutex // held to replace the map
}

type cachedDecoder struct {
	decoder *zdict.Decoder
	since   storage.TxID // that registered the dictionary; 0 when a damaged registry could not tell
	used    atomic.Bool
}

// start makes a cache with the decoder of values without dictionary, which never goes.
func (c *decoderCache) start(plain *zdict.Decoder) {
	c.current.Store(&map[uint32]*cachedDecoder{0: {decoder: plain}})
}

// get returns nil when there is no decoder for id.
func (c *decoderCache) get(id uint32) *cachedDecoder {
	found := (*c.current.Load())[id]
	if found != nil && !found.used.Load() { // looked at first: a line that all write to is slow
		found.used.Store(true)
	}
	return found
}

// add puts a decoder in, unless one is there meanwhile.
func (c *decoderCache) add(id uint32, d *cachedDecoder) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := maps.Clone(*c.current.Load())
	if next[id] != nil {
		return
	}
	d.used.Store(true)
	for len(next) > decodersCachedMax {
		evict(next)
	}
	next[id] = d
	c.current.Store(&next)
}

// evict removes one decoder that was not used of late; all others must be used again to stay next time.
func evict(decoders map[uint32]*cachedDecoder) {
	for id, d := range decoders {
		if id != 0 && !d.used.Swap(false) {
			delete(decoders, id)
			return
		}
	}
}
