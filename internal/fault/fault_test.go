package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
)

type conflictError struct{}

func (conflictError) Error() string    { return "conflict" }
func (conflictError) Kind() fault.Kind { return fault.Conflict }

func TestOf(t *testing.T) {
	f := func(err error, want fault.Kind) {
		t.Helper()
		if got := fault.Of(err); got != want {
			t.Errorf("Of(%v) = %v, want %v", err, got, want)
		}
	}
	f(conflictError{}, fault.Conflict)
	// the kind is found through any wrapping
	f(fmt.Errorf("put: %w", fmt.Errorf("row: %w", conflictError{})), fault.Conflict)
	f(fmt.Errorf("wait: %w", context.DeadlineExceeded), fault.Timeout)
	// an error that says nothing of itself is our own fault
	f(errors.New("boom"), fault.Internal)
}

func TestKind_PrintsItself(t *testing.T) {
	for k := fault.Internal; k <= fault.Corrupt; k++ {
		if k.String() == "unknown" || k.String() == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
	if got := fault.Kind(200).String(); got != "unknown" {
		t.Errorf("Kind(200) = %q, want unknown", got)
	}
}
