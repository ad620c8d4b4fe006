package script

import (
	"errors"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"
)

// errNoMemory says that not even an empty runtime could be made.
var errNoMemory = errors.New("script engine: no memory for a runtime")

// runtime is one instance of the engine with one realm: heap, built-ins, interrupt handler. One goroutine at a time.
//
// The engine is C translated to Go. Its memory is outside the Go heap and its functions take each other as addresses, so
// all that Go gives it (callbacks) is kept alive by the fields below, and all bytes go through scratch memory of its own.
type runtime struct {
	tls     *libc.TLS
	rt, ctx uintptr

	scratch      uintptr // for strings on their way in, and results by pointer
	scratchBytes int
	callbacks    []any // what the engine holds addresses of
	exotic       uintptr
	classID      uint32

	atoms  map[string]lib.TJSAtom // names translated before; the table owns a reference to each
	names  map[lib.TJSAtom]string
	loaded map[*Program]lib.TJSValue
	visit  lib.TJSValue // nativeVisit, as a function of the engine

	run *run // the run that goes on, or nil
}

// newRuntime returns a runtime with nothing but the language: no eval, no Function from text, no modules, no std.
func newRuntime() (*runtime, error) {
	r := &runtime{
		tls:    libc.NewTLS(),
		atoms:  map[string]lib.TJSAtom{},
		names:  map[lib.TJSAtom]string{},
		loaded: map[*Program]lib.TJSValue{},
		visit:  jsUndefined(),
	}
	r.rt = lib.XJS_NewRuntime(r.tls)
	if r.rt == 0 {
		r.tls.Close()
		return nil, errNoMemory
	}
	lib.XJS_SetMemoryLimit(r.tls, r.rt, runtimeBytesMax)
	lib.XJS_SetMaxStackSize(r.tls, r.rt, depthMax)
	lib.XJS_SetCanBlock(r.tls, r.rt, 0)
	r.ctx = lib.XJS_NewContextRaw(r.tls, r.rt)
	if r.ctx == 0 || !r.addIntrinsics() {
		r.close()
		return nil, errNoMemory
	}
	onInterrupt := func(_ *libc.TLS, _, _ uintptr) int32 { return r.interrupt() }
	lib.XJS_SetInterruptHandler(r.tls, r.rt, r.callback(onInterrupt), 0)
	return r, nil
}

func (r *runtime) addIntrinsics() bool {
	for _, add := range []func(*libc.TLS, uintptr) int32{
		lib.XJS_AddIntrinsicBaseObjects,
		lib.XJS_AddIntrinsicDate,
		lib.XJS_AddIntrinsicStringNormalize,
		lib.XJS_AddIntrinsicRegExp,
		lib.XJS_AddIntrinsicJSON,
		lib.XJS_AddIntrinsicProxy,
		lib.XJS_AddIntrinsicMapSet,
		lib.XJS_AddIntrinsicTypedArrays,
		lib.XJS_AddIntrinsicPromise, // async functions need it, even if nothing runs them
	} {
		if add(r.tls, r.ctx) != 0 {
			return false
		}
	}
	return true
}

// callback returns f's address as the engine wants it, and keeps f alive. f must be a function.
func (r *runtime) callback(f any) uintptr {
	r.callbacks = append(r.callbacks, f)
	type iface struct{ typ, data uintptr }
	return (*iface)(unsafe.Pointer(&f)).data
}

// close gives everything back. The runtime must not have been abandoned.
func (r *runtime) close() {
	if r.ctx != 0 {
		r.free(r.visit)
		r.forgetPrograms()
		for _, atom := range r.atoms {
			lib.XJS_FreeAtom(r.tls, r.ctx, atom)
		}
		lib.XJS_FreeContext(r.tls, r.ctx)
	}
	lib.XJS_FreeRuntime(r.tls, r.rt)
	libc.Xfree(r.tls, r.scratch)
	libc.Xfree(r.tls, r.exotic)
	r.tls.Close()
	r.callbacks = nil
}

func (r *runtime) forgetPrograms() {
	for _, f := range r.loaded {
		r.free(f)
	}
	clear(r.loaded)
}

func (r *runtime) free(v lib.TJSValue)             { lib.XFreeValue(r.tls, r.ctx, v) }
func (r *runtime) dup(v lib.TJSValue) lib.TJSValue { return lib.XDupValue(r.tls, r.ctx, v) }
func (r *runtime) usedBytes() int {
	return int(engineRuntime(r.rt).Fmalloc_ctx.Fmalloc_state.Fmalloc_size)
}
func (r *runtime) jobsPending() bool { return lib.XJS_IsJobPending(r.tls, r.rt) != 0 }
func (r *runtime) collect()          { lib.XJS_RunGC(r.tls, r.rt) }
func (r *runtime) limitMemory(n int) { lib.XJS_SetMemoryLimit(r.tls, r.rt, lib.Tsize_t(n)) }

func (r *runtime) limitDepth(n int)           { lib.XJS_SetMaxStackSize(r.tls, r.rt, lib.Tsize_t(n)) }
func (r *runtime) counter() *int32            { return &engineContext(r.ctx).Finterrupt_counter }
func engineRuntime(p uintptr) *lib.TJSRuntime { return (*lib.TJSRuntime)(at(p)) }
func engineContext(p uintptr) *lib.TJSContext { return (*lib.TJSContext)(at(p)) }
func isException(v lib.TJSValue) bool         { return tagOf(v) == lib.EJS_TAG_EXCEPTION }
func isObject(v lib.TJSValue) bool            { return tagOf(v) == lib.EJS_TAG_OBJECT }
func isUndefined(v lib.TJSValue) bool         { return tagOf(v) == lib.EJS_TAG_UNDEFINED }

// at turns an address in the engine's memory, which the garbage collector knows nothing of, into a pointer.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// bytesAt returns the n bytes at p, in place.
func bytesAt(p uintptr, n int) []byte { return unsafe.Slice((*byte)(at(p)), n) }

// space returns scratch memory of at least n bytes. It is the engine's until the next call.
func (r *runtime) space(n int) uintptr {
	if n > r.scratchBytes {
		libc.Xfree(r.tls, r.scratch)
		r.scratchBytes = max(n, 2*r.scratchBytes, 4096)
		r.scratch = libc.Xmalloc(r.tls, lib.Tsize_t(r.scratchBytes))
		if r.scratch == 0 {
			panic("BUG: script: no scratch memory")
		}
	}
	return r.scratch
}

// shrink gives large scratch memory back.
func (r *runtime) shrink() {
	if r.scratchBytes > 1<<20 {
		libc.Xfree(r.tls, r.scratch)
		r.scratch, r.scratchBytes = 0, 0
	}
}

// copyIn puts text into scratch memory, with the zero behind it that the engine's parsers want.
func copyIn[T string | []byte](r *runtime, text T) (p uintptr) {
	p = r.space(len(text) + 1)
	b := bytesAt(p, len(text)+1)
	copy(b, text)
	b[len(text)] = 0
	return p
}

// newString returns text, which is UTF-8 or WTF-8, as a string of the engine, or an exception.
func newString[T string | []byte](r *runtime, text T) lib.TJSValue {
	return lib.XJS_NewStringLen(r.tls, r.ctx, copyIn(r, text), lib.Tsize_t(len(text)))
}

// atom returns the engine's number for name; the caller owns a reference. 0 is an exception.
func (r *runtime) atom(name string) lib.TJSAtom {
	if a, ok := r.atoms[name]; ok {
		return lib.XJS_DupAtom(r.tls, r.ctx, a)
	}
	a := lib.XJS_NewAtomLen(r.tls, r.ctx, copyIn(r, name), lib.Tsize_t(len(name)))
	r.remember(a, name)
	return a
}

// atomOf is atom for a name that lies in a document: it allocates nothing for names seen before.
func (r *runtime) atomOf(name []byte) lib.TJSAtom {
	if a, ok := r.atoms[string(name)]; ok {
		return lib.XJS_DupAtom(r.tls, r.ctx, a)
	}
	return r.atom(string(name))
}

// remember keeps the pair for later, if there is room.
func (r *runtime) remember(a lib.TJSAtom, name string) {
	if a == 0 || len(name) > atomBytesMax || len(r.atoms) >= atomsMax {
		return
	}
	if _, ok := r.atoms[name]; ok {
		return
	}
	r.atoms[name] = lib.XJS_DupAtom(r.tls, r.ctx, a)
	r.names[a] = name
}

// nameOf returns the name behind an atom; ok is false for symbols, and when there is no memory.
func (r *runtime) nameOf(a lib.TJSAtom) (name string, ok bool) {
	if name, ok := r.names[a]; ok {
		return name, true
	}
	v := lib.XJS_AtomToValue(r.tls, r.ctx, a)
	defer r.free(v)
	if tagOf(v) != lib.EJS_TAG_STRING {
		return "", false
	}
	text, ok := r.text(v)
	if ok {
		r.remember(a, text)
	}
	return text, ok
}

// text returns v as a string: a string's content as WTF-8, what toString says of others. ok is false if that threw; the
// exception is dropped.
func (r *runtime) text(v lib.TJSValue) (s string, ok bool) {
	n := r.tls.Alloc(8)
	defer r.tls.Free(8)
	p := lib.XJS_ToCStringLen2(r.tls, r.ctx, n, v, 0)
	if p == 0 {
		r.free(lib.XJS_GetException(r.tls, r.ctx))
		return "", false
	}
	defer lib.XJS_FreeCString(r.tls, r.ctx, p)
	return string(bytesAt(p, int(*(*lib.Tsize_t)(at(n))))), true
}

// property returns v[name]; the caller owns it. It may run getters.
func (r *runtime) property(v lib.TJSValue, name string) lib.TJSValue {
	a := r.atom(name)
	defer lib.XJS_FreeAtom(r.tls, r.ctx, a)
	return lib.XJS_GetPropertyInternal(r.tls, r.ctx, v, a, v, 0)
}

// throw throws an error of the class that the global constructor names, and returns the exception.
func (r *runtime) throw(constructor, msg string) lib.TJSValue {
	global := lib.XJS_GetGlobalObject(r.tls, r.ctx)
	defer r.free(global)
	class := r.property(global, constructor)
	defer r.free(class)
	text := newString(r, msg)
	defer r.free(text)
	e := r.construct(class, text)
	if isException(e) {
		return e
	}
	return lib.XJS_Throw(r.tls, r.ctx, e)
}

// throwFatal throws what no catch and no finally of the script sees.
func (r *runtime) throwFatal(msg string) lib.TJSValue {
	v := r.throw("Error", msg)
	lib.XJS_SetUncatchableException(r.tls, r.ctx, 1)
	return v
}

func (r *runtime) construct(class lib.TJSValue, args ...lib.TJSValue) lib.TJSValue {
	argv, free := r.arguments(args)
	defer free()
	return lib.XJS_CallConstructor(r.tls, r.ctx, class, int32(len(args)), argv)
}

// call calls f; the caller keeps args and owns the result.
func (r *runtime) call(f, this lib.TJSValue, args ...lib.TJSValue) lib.TJSValue {
	argv, free := r.arguments(args)
	defer free()
	return lib.XJS_Call(r.tls, r.ctx, f, this, int32(len(args)), argv)
}

func (r *runtime) arguments(args []lib.TJSValue) (argv uintptr, free func()) {
	n := valueBytes * len(args)
	argv = r.tls.Alloc(n)
	copy(unsafe.Slice((*lib.TJSValue)(at(argv)), len(args)), args)
	return argv, func() { r.tls.Free(n) }
}
