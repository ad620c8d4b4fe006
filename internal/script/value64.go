//go:build !(386 || arm)

package script

import (
	"math"
	"unsafe"

	lib "modernc.org/libquickjs"
)

// On 64-bit machines a value of the engine is a union of eight bytes and a tag beside it.

const valueBytes = int(unsafe.Sizeof(lib.TJSValue{}))

func makeValue(tag int64, payload uint64) (v lib.TJSValue) {
	*(*uint64)(unsafe.Pointer(&v.Fu)) = payload
	v.Ftag = tag
	return v
}

func jsNull() lib.TJSValue      { return makeValue(lib.EJS_TAG_NULL, 0) }
func jsUndefined() lib.TJSValue { return makeValue(lib.EJS_TAG_UNDEFINED, 0) }
func jsException() lib.TJSValue { return makeValue(lib.EJS_TAG_EXCEPTION, 0) }
func jsInt(n int32) lib.TJSValue {
	return makeValue(lib.EJS_TAG_INT, uint64(uint32(n)))
}

func jsBool(b bool) lib.TJSValue {
	if b {
		return makeValue(lib.EJS_TAG_BOOL, 1)
	}
	return makeValue(lib.EJS_TAG_BOOL, 0)
}

func jsFloat(f float64) lib.TJSValue { return makeValue(lib.EJS_TAG_FLOAT64, math.Float64bits(f)) }

func tagOf(v lib.TJSValue) int32     { return int32(v.Ftag) }
func payload(v lib.TJSValue) uint64  { return *(*uint64)(unsafe.Pointer(&v.Fu)) }
func intOf(v lib.TJSValue) int32     { return int32(payload(v)) }
func floatOf(v lib.TJSValue) float64 { return math.Float64frombits(payload(v)) }

// pointerOf is where the object or string of v lies: the same for all references to it, as long as it lives.
func pointerOf(v lib.TJSValue) uintptr { return uintptr(payload(v)) }
