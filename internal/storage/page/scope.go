package page

// Scope is what a reader of pages may be besides, where the pages that it gives take memory: a walk marks where it begins
// and gives back what it looked at when it is done.
type Scope interface {
	// Mark says how much is held now.
	Mark() int
	// Release gives back what was asked for since Mark; its bytes are invalid then. Marks are released in reverse order.
	Release(mark int)
}

// Within calls fn, and gives back what it asked reader for, if reader is a Scope.
func Within(reader any, fn func()) {
	if s, ok := reader.(Scope); ok {
		defer s.Release(s.Mark())
	}
	fn()
}
