package dump

import "github.com/rookerydb/rookery/internal/jsondoc"

// extent finds the end of one JSON value in a text that comes in pieces. It looks at quotes and brackets only: what is
// between them is for jsondoc to judge. The zero value is ready for a value's first byte.
type extent struct {
	depth   int
	objects [jsondoc.DepthMax / 64]uint64 // bit d: the bracket at depth d is one of an object
	begun   bool
	quoted  bool // inside of a string
	escaped bool // behind a backslash in it
	fault   string
}

// Classes of bytes outside of strings.
const (
	classOther uint8 = iota
	classQuote
	classOpen
	classClose
	classBetween // ends a number or a literal
)

var classes = [256]uint8{
	'"': classQuote, '{': classOpen, '[': classOpen, '}': classClose, ']': classClose,
	',': classBetween, ':': classBetween, ' ': classBetween, '\n': classBetween, '\r': classBetween, '\t': classBetween,
}

// scan goes on with b, the next piece. It returns how many bytes of b belong to the value, and whether it ends there; or
// where in b the fault is that x.fault tells.
func (x *extent) scan(b []byte) (n int, done bool) {
	i := 0
	for i < len(b) {
		if x.quoted {
			if i = x.scanString(b, i); x.quoted {
				break
			}
			if x.depth == 0 {
				return i, true
			}
			continue
		}
		c := b[i]
		class := classes[c]
		if class == classOther || class == classBetween && x.depth > 0 {
			x.begun = true
			i++
			continue
		}
		if x.depth == 0 && x.begun {
			return i, true // the end of a number or literal
		}
		if class == classBetween {
			x.fault = "a value was expected"
			return i, false
		}
		x.begun = true
		if class == classQuote {
			x.quoted = true
			i++
			continue
		}
		if !x.bracket(c) {
			return i, false
		}
		i++
		if x.depth == 0 {
			return i, true
		}
	}
	return i, false
}

// scanString goes on in a string, and returns where it stopped: behind the closing quote, or at the end of b.
func (x *extent) scanString(b []byte, i int) int {
	if x.escaped {
		x.escaped = false
		i++
	}
	for i < len(b) {
		switch b[i] {
		case '"':
			x.quoted = false
			return i + 1
		case '\\':
			i++
			if i == len(b) {
				x.escaped = true
				return i
			}
		}
		i++
	}
	return i
}

// bracket notes a bracket. It reports false if the bracket cannot stand there.
func (x *extent) bracket(c byte) bool {
	object := c == '{' || c == '}'
	if c == '{' || c == '[' {
		if x.depth == jsondoc.DepthMax {
			x.fault = "arrays and objects lie too deep inside each other"
			return false
		}
		word, bit := x.depth/64, uint(x.depth%64)
		x.objects[word] &^= 1 << bit
		if object {
			x.objects[word] |= 1 << bit
		}
		x.depth++
		return true
	}
	if x.depth == 0 {
		x.fault = "a value was expected"
		return false
	}
	x.depth--
	if open := x.objects[x.depth/64]>>uint(x.depth%64)&1 == 1; open != object {
		x.fault = "a bracket of another kind is open"
		return false
	}
	return true
}

// value measures the JSON value at the window's start, which is left where it is: n bytes are its text. When it has more
// than limit bytes it is consumed, and big is true. keep false consumes any value, without holding it.
//
// Errors: a *SyntaxError, or cut when the text ends before the value does.
func (t *text) value(limit int, keep bool) (n int, big bool, err error) {
	var x extent
	for {
		used, done := x.scan(t.seen()[n:])
		n += used
		if x.fault != "" {
			return n, false, &SyntaxError{At: t.at(n), Msg: x.fault}
		}
		if keep && n > limit {
			keep, big = false, true
		}
		if !keep {
			t.advance(n)
			n = 0
		}
		if done {
			return n, big, nil
		}
		if !t.more() {
			if x.begun && x.depth == 0 && !x.quoted { // a number at the end of the text
				return n, big, nil
			}
			return n, big, errCut
		}
	}
}
