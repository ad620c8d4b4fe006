package client

import (
	"context"
	"sync"
)

// tasks owns the goroutines of a store.
type tasks struct {
	run  func(work func(context.Context)) // starts work with a context that ends with stop
	stop context.CancelFunc

	mu     sync.Mutex // guards closed, and that nothing starts after it
	closed bool
	wg     sync.WaitGroup
}

func newTasks() *tasks {
	ctx, cancel := context.WithCancel(context.Background())
	t := &tasks{stop: cancel}
	t.run = func(work func(context.Context)) { t.wg.Go(func() { work(ctx) }) }
	return t
}

// start runs work on a goroutine, unless close was called. work ends soon after its context.
func (t *tasks) start(work func(context.Context)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.run(work)
	return true
}

func (t *tasks) isClosed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// close ends all goroutines and waits for them. It tells whether it was the first.
func (t *tasks) close() bool {
	t.mu.Lock()
	first := !t.closed
	t.closed = true
	t.mu.Unlock()
	t.stop()
	t.wg.Wait()
	return first
}
