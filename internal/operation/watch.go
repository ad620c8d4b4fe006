package operation

import "github.com/rookerydb/rookery/internal/changes"

// Join lets s hear of each operation of that database that begins or ends, until leave is called. Of progress it hears nothing, as
// work may report a thousand times a second: whoever is interested asks for the status now and then.
func (r *Registry) Join(database string, s *changes.Subscription) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	hub, ok := r.watched[database]
	if !ok {
		hub = &changes.Hub{}
		r.watched[database] = hub
	}
	hub.Join(s)
	return func() { r.leave(database, s) }
}

// leave forgets the hub of a database with the last who watches.
func (r *Registry) leave(database string, s *changes.Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	hub, ok := r.watched[database]
	if !ok {
		return
	}
	hub.Leave(s)
	if !hub.Watched() {
		delete(r.watched, database)
	}
}

// tell publishes that an operation began or ended. The registry is not locked then, so two calls may overtake each other: a
// reader is told which operation, and asks how it stands.
func (r *Registry) tell(database string, id ID) {
	r.mu.Lock()
	hub := r.watched[database]
	r.mu.Unlock()
	if hub != nil {
		hub.Publish([]changes.Change{changes.Operation{ID: int64(id)}})
	}
}
