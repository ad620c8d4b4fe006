package cluster

import "slices"

// request is an applied request id with what was answered.
type request struct {
	ID     string
	Result Result
}

// findRequest returns the result of the request called id, if it is among those that are remembered.
func (s *State) findRequest(id string) (Result, bool) {
	if id == "" {
		return Result{}, false
	}
	for _, r := range slices.Backward(s.requests) { // a repeated request is a recent one
		if r.ID == id {
			return r.Result, true
		}
	}
	return Result{}, false
}

// remember adds r to a State that nobody has seen yet, and forgets the oldest beyond requestsMax. Refused commands are
// not remembered: they did nothing, and may be welcome later.
func (s *State) remember(r request) {
	keep := s.requests[max(0, len(s.requests)+1-requestsMax):]
	s.requests = append(slices.Clone(keep), r)
}
