// Package invariant states truths that hold unless we made a mistake.
//
// Assert is for cheap truths and is always on. Dear ones stand in `if invariant.Enabled { … }`, which the build tag
// "invariants" compiles in; every test target sets it. A failed assertion panics: the process must not go on to write.
package invariant

import "fmt"

// Assert panics with "BUG: " and the formatted message when ok is false.
func Assert(ok bool, format string, args ...any) {
	if !ok {
		panic("BUG: " + fmt.Sprintf(format, args...))
	}
}
