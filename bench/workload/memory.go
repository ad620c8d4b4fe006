package workload

import (
	"sync"
	"time"
)

// memoryWatch looks at the anonymous memory of this process, now and then.
type memoryWatch struct {
	quit    chan struct{}
	running sync.WaitGroup
	most    int64
	known   bool
}

// memoryEvery is how often it looks; a look takes some microseconds.
const memoryEvery = 20 * time.Millisecond

// watchMemory begins to look, until stop is called.
func watchMemory() *memoryWatch {
	w := &memoryWatch{quit: make(chan struct{})}
	w.running.Go(func() {
		clock := time.NewTicker(memoryEvery)
		defer clock.Stop()
		for {
			bytes, ok := anonymousBytes()
			w.most, w.known = max(w.most, bytes), w.known || ok
			select {
			case <-w.quit:
				return
			case <-clock.C:
			}
		}
	})
	return w
}

// stop returns the most memory that was seen; false when the system does not say. Mapped files are not among it: their pages
// are cache, and can go.
func (w *memoryWatch) stop() (bytes int64, ok bool) {
	close(w.quit)
	w.running.Wait()
	return w.most, w.known
}
