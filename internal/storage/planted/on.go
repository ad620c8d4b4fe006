//go:build planted

package planted

// active is set by the linker.
var active string

// Is says whether f is planted.
func Is(f Fault) bool { return string(f) == active }
