package changes

import (
	"strconv"
	"sync"
)

// Subscription is what one connection watches, and the changes that wait for it. Its methods may be called by any number of
// goroutines; Take by one.
type Subscription struct {
	ready chan struct{} // capacity 1, as one ring is as good as many

	mu       sync.Mutex // guards what follows; held for lookups and appends only
	watches  watches
	queue    []Change
	bytes    int // of the queue
	overflow bool
}

// NewSubscription returns a subscription that watches nothing. It hears of what the hubs that it joins publish.
func NewSubscription() *Subscription {
	return &Subscription{ready: make(chan struct{}, 1)}
}

// Do begins or ends a watch, and queues the confirmation: a change that is queued behind it was matched with the command done, one before it
// without. To begin what is watched already, or to end what is not, changes nothing and is confirmed. Whoever begins to watch one operation
// is told of it at once, as it may have ended before. *WatchesError.
func (s *Subscription) Do(c Command) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.End {
		s.watches.remove(c.Watch)
	} else if !s.watches.add(c.Watch) {
		return &WatchesError{Max: watchesMax}
	}
	s.pushLocked(Confirmation{CommandID: c.ID})
	if c.Watch.Kind == AnOperation && !c.End {
		if id, err := strconv.ParseInt(c.Watch.Name, 10, 64); err == nil { // else there is no such operation
			s.pushLocked(Operation{ID: id})
		}
	}
	return nil
}

// deliver queues those of list that a watch matches. subjects are theirs.
func (s *Subscription) deliver(list []Change, subjects []subject) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range list {
		if s.watches.match(&subjects[i]) {
			s.pushLocked(list[i])
		}
	}
}

func (s *Subscription) pushLocked(c Change) {
	if s.overflow {
		return
	}
	s.bytes += c.sizeBytes()
	if s.bytes > queueBytesMax {
		s.overflow, s.queue = true, nil
		s.ring()
		return
	}
	s.queue = append(s.queue, c)
	if len(s.queue) == 1 {
		s.ring()
	}
}

func (s *Subscription) ring() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// Ready is sent to when Take has something to give. It may be when there is nothing any more.
func (s *Subscription) Ready() <-chan struct{} { return s.ready }

// Take returns what waits, oldest first, and keeps last, which an earlier Take has returned, for what comes. *OverflowError when
// some was lost; then nothing comes any more.
func (s *Subscription) Take(last []Change) ([]Change, error) {
	clear(last)
	if cap(last) > keepCountMax {
		last = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.overflow {
		return nil, &OverflowError{Bytes: queueBytesMax}
	}
	list := s.queue
	s.queue, s.bytes = last[:0], 0
	return list, nil
}

// WatchesOperations says whether any operation is watched.
func (s *Subscription) WatchesOperations() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watches.counts[AllOperations]+s.watches.counts[AnOperation] > 0
}

// WatchesOperation says whether this one is.
func (s *Subscription) WatchesOperation(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watches.match(&subject{family: operations, name: strconv.FormatInt(id, 10)})
}
