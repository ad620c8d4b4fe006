package changes

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
)

// CommandError reports a command that makes no sense.
type CommandError struct{ Command, Why string }

// Kind implements the fault package's contract.
func (*CommandError) Kind() fault.Kind { return fault.Invalid }

func (e *CommandError) Error() string { return fmt.Sprintf("command %.40q: %s", e.Command, e.Why) }

// WatchesError reports a watch past the bound of its subscription.
type WatchesError struct{ Max int }

// Kind implements the fault package's contract.
func (*WatchesError) Kind() fault.Kind { return fault.TooLarge }

func (e *WatchesError) Error() string {
	return fmt.Sprintf("one connection may have %d watches at most", e.Max)
}

// OverflowError reports a subscription that was not emptied fast enough. Whoever has it must read again what it watched.
type OverflowError struct{ Bytes int }

// Kind implements the fault package's contract.
func (*OverflowError) Kind() fault.Kind { return fault.TooLarge }

func (e *OverflowError) Error() string {
	return fmt.Sprintf("more than %d MiB of changes wait: some were lost, read again", e.Bytes>>20)
}
