package crypt

import (
	"reflect" //nolint:depguard // the ciphers' types have no name outside the standard library, and their size is asked for once
	"sync"
	"unsafe"
)

// eraser clears the memory of ciphers that others made, and that no method of theirs clears: key schedules.
//
// It works on pointers to structs without pointers inside, as the ciphers of crypto/aes, crypto/cipher and
// chacha20poly1305 are. Anything else it leaves alone: a test fails then, not the program.
type eraser struct {
	shape reflect.Type // nil when there is nothing that can be cleared
	bytes uintptr
}

// eraserFor returns the eraser for ciphers of the same type as example.
func eraserFor(example any) eraser {
	shape := reflect.TypeOf(example)
	if shape == nil || shape.Kind() != reflect.Pointer || !isFlat(shape.Elem()) {
		return eraser{}
	}
	return eraser{shape: shape, bytes: shape.Elem().Size()}
}

// erase clears what cipher points to. The cipher must not be used again.
func (e eraser) erase(cipher any) {
	if reflect.TypeOf(cipher) != e.shape || e.shape == nil {
		return
	}
	wipe(unsafe.Slice((*byte)(reflect.ValueOf(cipher).UnsafePointer()), e.bytes))
}

// erasers returns those for an algorithm's ciphers: blocks is nothing but for AES.
func erasers(a Algorithm) (blocks, aeads eraser) {
	if a == AESGCM {
		return aesErasers()
	}
	return eraser{}, chachaEraser()
}

// What the ciphers look like is found out once: it takes longer than opening a page.
var (
	aesErasers = sync.OnceValues(func() (blocks, aeads eraser) {
		return eraserFor(mustAES(make([]byte, KeyBytes))), exampleEraser(AESGCM)
	})
	chachaEraser = sync.OnceValue(func() eraser { return exampleEraser(ChaCha20Poly1305) })
)

// exampleEraser is made for the cipher of a key of zeros.
func exampleEraser(a Algorithm) eraser {
	k := &Keys{algorithm: a}
	return eraserFor(k.newAEAD(new(scratch)))
}

// isFlat says whether values of the type are plain bytes: clearing them needs no word with the collector.
func isFlat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Array:
		return isFlat(t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if !isFlat(field.Type) {
				return false
			}
		}
		return true
	default:
		return false
	}
}
