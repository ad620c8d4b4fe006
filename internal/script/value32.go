//go:build 386 || arm

package script

import (
	"math"

	lib "modernc.org/libquickjs"
)

// On 32-bit machines a value of the engine is one uint64: a float, or a tag in the upper half where no float has its bits.

const (
	valueBytes = 8

	// floatAddend shifts floats out of the way of the tags: JS_FLOAT64_TAG_ADDEND of QuickJS.
	floatAddend = uint64(0x7ff80000-lib.EJS_TAG_FIRST+1) << 32
	floatNaN    = uint64(0x7ff8000000000000) // before the shift
)

func makeValue(tag int32, payload uint32) lib.TJSValue {
	return lib.TJSValue(uint64(uint32(tag))<<32 | uint64(payload))
}

func jsNull() lib.TJSValue       { return makeValue(lib.EJS_TAG_NULL, 0) }
func jsUndefined() lib.TJSValue  { return makeValue(lib.EJS_TAG_UNDEFINED, 0) }
func jsException() lib.TJSValue  { return makeValue(lib.EJS_TAG_EXCEPTION, 0) }
func jsInt(n int32) lib.TJSValue { return makeValue(lib.EJS_TAG_INT, uint32(n)) }

func jsBool(b bool) lib.TJSValue {
	if b {
		return makeValue(lib.EJS_TAG_BOOL, 1)
	}
	return makeValue(lib.EJS_TAG_BOOL, 0)
}

func jsFloat(f float64) lib.TJSValue {
	if math.IsNaN(f) {
		return lib.TJSValue(shifted(floatNaN))
	}
	return lib.TJSValue(shifted(math.Float64bits(f)))
}

// shifted may wrap around; so does QuickJS.
func shifted(bits uint64) uint64 { return bits - floatAddend }

func tagOf(v lib.TJSValue) int32 {
	tag := int32(uint64(v) >> 32)
	if uint32(tag-lib.EJS_TAG_FIRST) >= uint32(lib.EJS_TAG_FLOAT64-lib.EJS_TAG_FIRST) {
		return lib.EJS_TAG_FLOAT64
	}
	return tag
}

func intOf(v lib.TJSValue) int32     { return int32(uint32(v)) }
func floatOf(v lib.TJSValue) float64 { return math.Float64frombits(uint64(v) + floatAddend) }

// pointerOf is where the object or string of v lies: the same for all references to it, as long as it lives.
func pointerOf(v lib.TJSValue) uintptr { return uintptr(uint32(v)) }
