package operation

import "time"

// ID names an operation of one node.
type ID int64

// State is where an operation stands.
type State uint8

// The states. An id that was given out and not used yet is InProgress, because its work is on the way.
const (
	InProgress State = iota
	Completed
	Canceled
	Faulted
)

// String returns the state as clients know it.
func (s State) String() string {
	return [...]string{"InProgress", "Completed", "Canceled", "Faulted"}[s]
}

// Spec says what an operation is.
type Spec struct {
	Database    string // whose operation it is, in the spelling of its record; empty: the server's
	Kind        string // one word for the sort of work, such as Compact
	Description string // for a reader
}

// Status is an operation at one moment.
type Status struct {
	ID ID
	Spec
	State      State
	StartedAt  time.Time // zero while the id is only reserved
	EndedAt    time.Time // zero until then
	Progress   any       // as last reported; nil: nothing yet
	Result     any       // when Completed
	Err        error     // when Faulted or Canceled
	Cancelling bool      // Kill was called, and the work has not ended yet
}
