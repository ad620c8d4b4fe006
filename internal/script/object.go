package script

import (
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// lazy is an object of the script that stands for an object of a document. As long as the script only reads it, it has no
// properties of its own: each answer is made from the document. At the first change it is filled, and then is an ordinary
// object; only what it was made from is remembered.
type lazy struct {
	value    jsondoc.Value
	id       string // of the document whose root it is
	filled   bool
	sealed   bool    // Object.preventExtensions was called
	children []child // arrays and objects handed out before it was filled, or the script would get another one each time
}

// child is an array or object below a lazy one; the run holds a reference to it.
type child struct {
	start int // of its text in the document
	v     lib.TJSValue
}

// defineExotic makes the class of lazy objects. The engine asks its methods only
// for what is not there as an ordinary property. Those that read must not fill: the engine may be counting properties.
func (r *runtime) defineExotic() {
	type def = lib.TJSClassDef
	type methods = lib.TJSClassExoticMethods
	name := "Object\x00"
	n := int(unsafe.Sizeof(def{}) + unsafe.Sizeof(methods{}))
	r.exotic = libc.Xcalloc(r.tls, 1, lib.Tsize_t(n+len(name)))
	if r.exotic == 0 {
		panic("BUG: script: no memory for a class")
	}
	class := (*def)(at(r.exotic))
	m := (*methods)(at(r.exotic + unsafe.Sizeof(def{})))
	copy(bytesAt(r.exotic+uintptr(n), len(name)), name)
	class.Fclass_name = r.exotic + uintptr(n)
	class.Fexotic = r.exotic + unsafe.Sizeof(def{})
	m.Fget_own_property = r.callback(r.getOwnProperty)
	m.Fget_own_property_names = r.callback(r.getOwnPropertyNames)
	m.Fdelete_property = r.callback(r.deleteProperty)
	m.Fdefine_own_property = r.callback(r.defineOwnProperty)
	m.Fis_extensible = r.callback(r.isExtensible)
	m.Fprevent_extensions = r.callback(r.preventExtensions)

	id := r.tls.Alloc(4)
	defer r.tls.Free(4)
	*(*uint32)(at(id)) = 0
	r.classID = lib.XJS_NewClassID(r.tls, id)
	lib.XJS_NewClass(r.tls, r.rt, r.classID, r.exotic)
	lib.XJS_SetClassProto(r.tls, r.ctx, r.classID, lib.XJS_GetClassProto(r.tls, r.ctx, lib.EJS_CLASS_OBJECT))
}

// lazyOf returns what is known of a lazy object; nil for others, and outside of the run that made it.
func (r *runtime) lazyOf(v lib.TJSValue) *lazy {
	i := lib.XJS_GetOpaque(r.tls, v, r.classID)
	if i == 0 || r.run == nil || i >= uintptr(len(r.run.objects)) {
		return nil
	}
	return &r.run.objects[i]
}

// filled returns what is known of obj, which has its properties now. The result is nil, with an exception that the script
// cannot catch, if there was no memory: half an object must not be taken for the whole.
func (r *runtime) filled(obj lib.TJSValue) *lazy {
	o := r.lazyOf(obj)
	if o == nil {
		return &lazy{filled: true}
	}
	if o.filled {
		return o
	}
	o.filled = true
	if !r.run.fill(obj, o) {
		r.run.stop = r.run.overLimit(Memory)
		lib.XJS_SetUncatchableException(r.tls, r.ctx, 1)
		return nil
	}
	return r.lazyOf(obj) // filling made other objects, so the list may have moved
}

// fill defines the fields of o as properties of obj.
func (u *run) fill(obj lib.TJSValue, o *lazy) bool {
	r := u.r
	value, children := o.value, o.children
	o.children = nil
	var buf [atomBytesMax]byte
	for i := range value.Len() {
		name, field := value.Entry(i)
		atom := r.atomOf(name.Bytes(buf[:0]))
		if atom == 0 {
			return false
		}
		v := u.childOr(children, field)
		ok := !isException(v) && lib.XJS_DefinePropertyValue(r.tls, r.ctx, obj, atom, v, lib.MJS_PROP_C_W_E|lib.MJS_PROP_NO_EXOTIC) >= 0
		lib.XJS_FreeAtom(r.tls, r.ctx, atom)
		if !ok {
			return false
		}
	}
	return true
}

// childOr returns the one of children that was made from field, or a new value.
func (u *run) childOr(children []child, field jsondoc.Value) lib.TJSValue {
	if len(children) > 0 {
		start, _ := field.Span()
		for _, c := range children {
			if c.start == start {
				return u.r.dup(c.v)
			}
		}
	}
	return u.build(field)
}

// read returns the value of a field of the object that o, number i of the run, stands for.
func (u *run) read(i uintptr, field jsondoc.Value) lib.TJSValue {
	v := u.childOr(u.objects[i].children, field)
	if isObject(v) {
		start, _ := field.Span()
		for _, c := range u.objects[i].children {
			if c.start == start {
				return v
			}
		}
		u.objects[i].children = append(u.objects[i].children, child{start, u.hold(v)})
	}
	return v
}

// hold keeps v until the run ends.
func (u *run) hold(v lib.TJSValue) lib.TJSValue {
	u.held = append(u.held, u.r.dup(v))
	return v
}

func (r *runtime) getOwnProperty(_ *libc.TLS, _, desc uintptr, obj lib.TJSValue, prop lib.TJSAtom) int32 {
	o := r.lazyOf(obj)
	if o == nil || o.filled {
		return 0
	}
	name, ok := r.nameOf(prop)
	if !ok {
		return 0
	}
	field, ok := o.value.Field(name)
	if !ok {
		return 0
	}
	if desc == 0 {
		return 1
	}
	v := r.run.read(lib.XJS_GetOpaque(r.tls, obj, r.classID), field)
	if isException(v) {
		return -1
	}
	*(*lib.TJSPropertyDescriptor)(at(desc)) = lib.TJSPropertyDescriptor{
		Fflags: lib.MJS_PROP_C_W_E, Fvalue: v, Fgetter: jsUndefined(), Fsetter: jsUndefined(),
	}
	return 1
}

// getOwnPropertyNames hands out a table of atoms that the engine frees.
func (r *runtime) getOwnPropertyNames(_ *libc.TLS, _, tab, count uintptr, obj lib.TJSValue) int32 {
	*(*uintptr)(at(tab)) = 0
	*(*uint32)(at(count)) = 0
	o := r.lazyOf(obj)
	if o == nil || o.filled {
		return 0
	}
	n := o.value.Len()
	p := lib.Xjs_malloc(r.tls, r.ctx, lib.Tsize_t(n*int(unsafe.Sizeof(lib.TJSPropertyEnum{}))))
	if p == 0 {
		return -1
	}
	names := unsafe.Slice((*lib.TJSPropertyEnum)(at(p)), n)
	for i := range names {
		name, _ := o.value.Entry(i)
		names[i] = lib.TJSPropertyEnum{Fis_enumerable: 1, Fatom: r.atomOf(name.Bytes(nil))}
		if names[i].Fatom == 0 {
			lib.XJS_FreePropertyEnum(r.tls, r.ctx, p, uint32(i))
			return -1
		}
	}
	*(*uintptr)(at(tab)) = p
	*(*uint32)(at(count)) = uint32(n)
	return 0
}

func (r *runtime) deleteProperty(_ *libc.TLS, _ uintptr, obj lib.TJSValue, prop lib.TJSAtom) int32 {
	if o := r.lazyOf(obj); o == nil || o.filled {
		return 1 // it was looked for among the ordinary ones
	}
	if r.filled(obj) == nil {
		return -1
	}
	return lib.XJS_DeleteProperty(r.tls, r.ctx, obj, prop, 0)
}

func (r *runtime) defineOwnProperty(_ *libc.TLS, _ uintptr, obj lib.TJSValue, prop lib.TJSAtom, v, getter, setter lib.TJSValue, flags int32) int32 {
	o := r.filled(obj)
	if o == nil {
		return -1
	}
	if o.sealed && lib.XJS_GetOwnProperty(r.tls, r.ctx, 0, obj, prop) == 0 {
		r.throw("TypeError", "object is not extensible")
		return -1
	}
	return lib.XJS_DefineProperty(r.tls, r.ctx, obj, prop, v, getter, setter, flags|lib.MJS_PROP_NO_EXOTIC)
}

func (r *runtime) isExtensible(_ *libc.TLS, _ uintptr, obj lib.TJSValue) int32 {
	if o := r.lazyOf(obj); o != nil && o.sealed {
		return 0
	}
	return 1
}

func (r *runtime) preventExtensions(_ *libc.TLS, _ uintptr, obj lib.TJSValue) int32 {
	o := r.filled(obj)
	if o == nil {
		return -1
	}
	o.sealed = true
	return 1
}
