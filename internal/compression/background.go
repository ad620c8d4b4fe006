package compression

import (
	"sync"
	"sync/atomic"
)

// background is the goroutine that trains. It waits for its bell, and ends when quit is closed.
type background struct {
	quit    chan struct{}
	bell    chan struct{} // one place, as one ring is as good as many
	stopped atomic.Bool
	running sync.WaitGroup
}

func (s *Service) startBackground() {
	b := &s.background
	b.quit, b.bell = make(chan struct{}), make(chan struct{}, 1)
	if !s.opts.ManualTraining && !s.opts.ReadOnly {
		b.running.Go(s.runTrainer)
	}
}

func (b *background) ring() {
	select {
	case b.bell <- struct{}{}:
	default:
	}
}

func (b *background) isStopped() bool { return b.stopped.Load() }

// stop ends the goroutine and waits for it.
func (b *background) stop() {
	if !b.stopped.Swap(true) {
		close(b.quit)
	}
	b.running.Wait()
}

func (s *Service) runTrainer() {
	for {
		select {
		case <-s.background.quit:
			return
		case <-s.background.bell:
		}
		if _, err := s.Train(); err != nil {
			s.opts.Logger.Warn("no dictionary trained", "dir", s.opts.Dir, "err", err)
		}
	}
}
