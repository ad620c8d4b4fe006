package jsondoc

import (
	"bytes"
	"iter"
	"strconv"
	"unsafe"
)

// Doc is one encoded document. It is never changed, and may lie in a page: whoever hands it out says until when it is
// valid. Values taken from it, and the bytes that they return, are valid as long. nil reads as null, with no text.
type Doc []byte

// Kind is what a value is.
type Kind uint8

// The kinds. A zero Value is null.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String returns the kind in lower case.
func (k Kind) String() string {
	return [...]string{"null", "bool", "number", "string", "array", "object"}[k]
}

// Root returns the outermost value.
func (d Doc) Root() Value {
	if len(d) == 0 {
		return Value{}
	}
	base := d.textOff()
	v := Value{doc: d, start: uint32(base), end: uint32(base + d.textBytes())}
	if int(v.end) < len(d) {
		v.table = uint32(len(d))
	}
	return v
}

// Text returns the canonical JSON text, in place.
func (d Doc) Text() []byte {
	if len(d) == 0 {
		return nil
	}
	base := d.textOff()
	end := base + d.textBytes()
	return d[base:end:end]
}

// AppendJSON appends the canonical JSON text to dst.
func (d Doc) AppendJSON(dst []byte) []byte { return append(dst, d.Text()...) }

func (d Doc) width() int     { return int(d[1]&3) + widthMin }
func (d Doc) textOff() int   { return headerFixedBytes + d.width() }
func (d Doc) textBytes() int { return getUint(d, headerFixedBytes, d.width()) }

// Value is a value in a Doc: a small handle to be passed by value. The zero Value is null.
type Value struct {
	doc        Doc
	start, end uint32 // in doc
	table      uint32 // end of its table in doc; 0 = none: a scalar, [] or {}
}

// kinds tells a value's kind by its first byte; every byte that is not listed begins a number.
var kinds = [256]Kind{
	'{': Object, '[': Array, '"': String, 't': Bool, 'f': Bool, 'n': Null, '-': Number,
	'0': Number, '1': Number, '2': Number, '3': Number, '4': Number, '5': Number, '6': Number, '7': Number, '8': Number, '9': Number,
}

// Kind returns what v is.
func (v Value) Kind() Kind {
	if v.end == 0 {
		return Null
	}
	return kinds[v.doc[v.start]]
}

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.Kind() == Null }

// Len returns how many elements or fields v has: 0 for scalars.
func (v Value) Len() int {
	if v.table == 0 {
		return 0
	}
	n, _ := v.doc.tableCount(int(v.table))
	return n
}

// Raw returns v's canonical JSON text, in place.
func (v Value) Raw() []byte { return v.doc[v.start:v.end:v.end] }

// AppendJSON appends v's canonical JSON text to dst.
func (v Value) AppendJSON(dst []byte) []byte { return append(dst, v.Raw()...) }

// Span returns where v lies in the Text of its document: Text()[start:end] is Raw().
func (v Value) Span() (start, end int) {
	if v.end == 0 {
		return 0, 0
	}
	base := v.doc.textOff()
	return int(v.start) - base, int(v.end) - base
}

// Bytes returns the content of a string: in place when it has no escapes, else appended to buf[:0]. For other kinds it
// returns nil. The bytes are UTF-8, but for lone surrogates (see the package's story).
func (v Value) Bytes(buf []byte) []byte {
	if v.Kind() != String {
		return nil
	}
	raw := v.doc[v.start+1 : v.end-1 : v.end-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	return appendUnquoted(buf[:0], raw)
}

// Str returns the content of a string as memory of its own, and "" for other kinds.
func (v Value) Str() string { return string(v.Bytes(nil)) }

// Bool returns whether v is true; ok is false if v is not a Bool.
func (v Value) Bool() (value, ok bool) {
	if v.Kind() != Bool {
		return false, false
	}
	return v.doc[v.start] == 't', true
}

// Int64 returns the value of a number written without point and exponent; ok is false for others, other kinds, and
// beyond the range.
func (v Value) Int64() (n int64, ok bool) {
	if v.Kind() != Number {
		return 0, false
	}
	n, err := strconv.ParseInt(borrowString(v.Raw()), 10, 64)
	return n, err == nil
}

// Float64 returns the value of a number, rounded to the nearest float64; ok is false for other kinds.
func (v Value) Float64() (f float64, ok bool) {
	if v.Kind() != Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(borrowString(v.Raw()), 64)
	return f, err == nil
}

// borrowString is string(b) without the copy, for callees that keep nothing of it. strconv keeps its argument in the
// errors that it returns; both callers drop those.
func borrowString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// At returns the i-th element of an array, or the i-th field's value of an object, from 0. It panics if i is out of
// range.
func (v Value) At(i int) Value {
	_, value := v.Entry(i)
	return value
}

// Items yields the elements of an array, or the values of an object's fields, in their order; nothing for scalars.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for i := range v.Len() {
			if !yield(v.At(i)) {
				return
			}
		}
	}
}

// Fields yields name and value of an object's fields, in their order; nothing for other kinds. Each name is memory of its
// own; Entry gives them without allocation.
func (v Value) Fields() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != Object {
			return
		}
		for i := range v.Len() {
			name, value := v.Entry(i)
			if !yield(name.Str(), value) {
				return
			}
		}
	}
}
