package script

import (
	"math"
	"strconv"

	lib "modernc.org/libquickjs"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// root returns what stands for doc in the script. An id makes it a document that functions like id() know.
func (u *run) root(doc jsondoc.Doc, id string) lib.TJSValue {
	if len(doc) == 0 {
		return u.newLazy(jsondoc.Value{}, id)
	}
	if doc.Root().Kind() == jsondoc.Object {
		return u.newLazy(doc.Root(), id)
	}
	return u.build(doc.Root())
}

// build returns v as a value of the engine; the caller owns it. It may be an exception: no memory.
func (u *run) build(v jsondoc.Value) lib.TJSValue {
	switch v.Kind() {
	case jsondoc.Bool:
		b, _ := v.Bool()
		return jsBool(b)
	case jsondoc.Number:
		return u.buildNumber(v)
	case jsondoc.String:
		return newString(u.r, v.Bytes(nil))
	case jsondoc.Array:
		return u.buildArray(v)
	case jsondoc.Object:
		return u.newLazy(v, "")
	default:
		return jsNull()
	}
}

// newLazy returns an object that stands for v. An object without fields needs nobody to stand for it.
func (u *run) newLazy(v jsondoc.Value, id string) lib.TJSValue {
	r := u.r
	if v.Len() == 0 && id == "" {
		return lib.XJS_NewObject(r.tls, r.ctx)
	}
	obj := lib.XJS_NewObjectClass(r.tls, r.ctx, int32(r.classID))
	if isException(obj) {
		return obj
	}
	lib.XJS_SetOpaque(r.tls, obj, uintptr(len(u.objects)))
	u.objects = append(u.objects, lazy{value: v, id: id, filled: v.Len() == 0})
	return obj
}

// buildArray returns a true array, for only these are arrays to all of the language. Objects in it are lazy.
func (u *run) buildArray(v jsondoc.Value) lib.TJSValue {
	r := u.r
	array := lib.XJS_NewArray(r.tls, r.ctx)
	if isException(array) {
		return array
	}
	i := uint32(0)
	for item := range v.Items() {
		element := u.build(item)
		if isException(element) || lib.XJS_DefinePropertyValueUint32(r.tls, r.ctx, array, i, element, lib.MJS_PROP_C_W_E) < 0 {
			r.free(array)
			return jsException()
		}
		i++
	}
	if u.arrays == nil {
		u.arrays = map[uintptr]jsondoc.Value{}
	}
	u.arrays[pointerOf(array)] = v
	return u.hold(array)
}

// digitsExactMax is up to how many digits every decimal has a float64 of its own.
const digitsExactMax = 15

func (u *run) buildNumber(v jsondoc.Value) lib.TJSValue {
	if n, ok := v.Int64(); ok && n >= math.MinInt32 && n <= math.MaxInt32 && string(v.Raw()) != "-0" {
		return jsInt(int32(n))
	}
	f, _ := v.Float64()
	if raw := v.Raw(); len(raw) > digitsExactMax {
		u.keepExact(f, string(raw))
	}
	return jsFloat(f)
}

// keepExact remembers the text of a number that has more digits than a float64, so that it can be moved and copied whole.
func (u *run) keepExact(f float64, raw string) {
	var buf [32]byte
	if string(appendNumber(buf[:0], f)) == raw {
		return
	}
	if u.exact == nil {
		u.exact = map[float64]string{}
	}
	if had, ok := u.exact[f]; ok && had != raw {
		raw = "" // two numbers with one float64: which one a script means cannot be told
	}
	u.exact[f] = raw
}

// appendNumber appends f as JSON.stringify writes it (ECMA-262, Number::toString; null for what is not finite).
func appendNumber(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if f == 0 {
		return append(dst, '0')
	}
	if abs := math.Abs(f); abs < 1e-6 || abs >= 1e21 {
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' { // e-07 is e-7
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}
