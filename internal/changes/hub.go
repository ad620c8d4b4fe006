package changes

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Hub passes what happens in one place on to all who have joined it. The zero value is ready. Its methods may be called by
// any number of goroutines.
type Hub struct {
	joined atomic.Pointer[[]*Subscription] // replaced whole; nil: nobody
	mu     sync.Mutex                      // guards the replacing
}

// Watched says whether anybody has joined. It is one load, so that whoever has something to tell can ask first.
func (h *Hub) Watched() bool { return h.joined.Load() != nil }

// Join lets s hear of what is published from now on.
func (h *Hub) Join(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []*Subscription
	if old := h.joined.Load(); old != nil {
		list = append(list, *old...)
	}
	list = append(list, s)
	h.joined.Store(&list)
}

// Leave undoes Join. A Publish that goes on may still reach s.
func (h *Hub) Leave(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := h.joined.Load()
	if old == nil {
		return
	}
	list := slices.DeleteFunc(slices.Clone(*old), func(other *Subscription) bool { return other == s })
	if len(list) == 0 {
		h.joined.Store(nil)
		return
	}
	h.joined.Store(&list)
}

// Publish queues each change with every subscription that has a watch for it, in the order of list. It waits for nobody. Whoever publishes
// from several goroutines sees to the order among them.
func (h *Hub) Publish(list []Change) {
	joined := h.joined.Load()
	if joined == nil || len(list) == 0 {
		return
	}
	subjects := make([]subject, len(list))
	for i, c := range list {
		subjects[i] = c.subject()
	}
	for _, s := range *joined {
		s.deliver(list, subjects)
	}
}
