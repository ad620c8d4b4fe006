package query

import (
	"fmt"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/rql"
)

// UnsupportedError reports a query that is RQL but asks for something that this version does not do.
type UnsupportedError struct {
	rql.Pos        // of what is asked for
	What    string // what it is
	Instead string // why not, and what can be done; may be empty
}

// Kind reports fault.Invalid: the same query will not be answered later.
func (e *UnsupportedError) Kind() fault.Kind { return fault.Invalid }

func (e *UnsupportedError) Error() string {
	if e.Instead == "" {
		return fmt.Sprintf("%s: %s", e.Place(), e.What)
	}
	return fmt.Sprintf("%s: %s; %s", e.Place(), e.What, e.Instead)
}

// ParameterError reports a parameter that has no value, or one that cannot stand where it is used.
type ParameterError struct {
	rql.Pos        // where the query uses it
	Name    string // without $
	Why     string
}

// Kind reports fault.Invalid.
func (e *ParameterError) Kind() fault.Kind { return fault.Invalid }

func (e *ParameterError) Error() string {
	return fmt.Sprintf("%s: parameter $%s %s", e.Place(), e.Name, e.Why)
}

// TooManyError reports an answer that would have to be sorted in memory and is too large for that.
type TooManyError struct{ Max int }

// Kind reports fault.TooLarge.
func (e *TooManyError) Kind() fault.Kind { return fault.TooLarge }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("more than %d ids to order by id() desc: narrow the query with startsWith(id(), …), or order ascending", e.Max)
}
