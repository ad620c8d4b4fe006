package script

import (
	"unsafe"

	lib "modernc.org/libquickjs"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// printer writes values of the engine as canonical JSON text. What a script did not touch is copied from the document that
// it came from; what it did is compared with it, so that equal numbers keep their text.
type printer struct {
	u     *run
	out   []byte
	depth int
	seen  int // values so far
}

// print returns v as JSON text; nil if it has none, as undefined and functions have not. The errors are *LimitError,
// *ResultError, and what getters of the script throw.
func (u *run) print(v lib.TJSValue) ([]byte, error) {
	p := printer{u: u}
	ok, err := p.value(v, jsondoc.Value{}, false)
	if err != nil || !ok {
		return nil, err
	}
	return p.out, nil
}

// value appends v, which stands where origin stood if known. ok is false, and nothing appended, if v has no JSON.
func (p *printer) value(v lib.TJSValue, origin jsondoc.Value, known bool) (ok bool, err error) {
	if err := p.check(); err != nil {
		return false, err
	}
	switch tagOf(v) {
	case lib.EJS_TAG_NULL:
		p.out = append(p.out, "null"...)
	case lib.EJS_TAG_BOOL:
		text := "false"
		if intOf(v) != 0 {
			text = "true"
		}
		p.out = append(p.out, text...)
	case lib.EJS_TAG_INT:
		p.number(float64(intOf(v)), origin, known)
	case lib.EJS_TAG_FLOAT64:
		p.number(floatOf(v), origin, known)
	case lib.EJS_TAG_STRING, lib.EJS_TAG_STRING_ROPE:
		return true, p.string(v)
	case lib.EJS_TAG_BIG_INT, lib.EJS_TAG_SHORT_BIG_INT:
		return true, p.bigInt(v)
	case lib.EJS_TAG_OBJECT:
		return p.object(v)
	default:
		return false, nil
	}
	return true, nil
}

// check looks at the bounds: the bytes each time, the rest now and then.
func (p *printer) check() error {
	u := p.u
	if len(p.out) > u.limits.ResultBytes {
		u.stop = u.overLimit(ResultBytes)
		return u.stop
	}
	if p.seen++; p.seen%1024 == 0 && (u.late.Load() || u.ctx.Err() != nil) {
		return u.exhausted()
	}
	return nil
}

func (p *printer) number(f float64, origin jsondoc.Value, known bool) {
	if known {
		if was, ok := origin.Float64(); ok && was == f {
			p.out = origin.AppendJSON(p.out)
			return
		}
	}
	if raw := p.u.exact[f]; raw != "" {
		p.out = append(p.out, raw...)
		return
	}
	p.out = appendNumber(p.out, f)
}

// bigIntDigitsMax bounds what is written as a number: beyond, no float64 is left.
const bigIntDigitsMax = 300

func (p *printer) bigInt(v lib.TJSValue) error {
	text, ok := p.u.r.text(v)
	if !ok || len(text) > bigIntDigitsMax {
		return &ResultError{Msg: "a BigInt is too large for a JSON number"}
	}
	p.out = append(p.out, text...)
	return nil
}

func (p *printer) string(v lib.TJSValue) error {
	r := p.u.r
	n := r.tls.Alloc(8)
	defer r.tls.Free(8)
	text := lib.XJS_ToCStringLen2(r.tls, r.ctx, n, v, 0)
	if text == 0 {
		return p.u.failure()
	}
	defer lib.XJS_FreeCString(r.tls, r.ctx, text)
	size := int(*(*lib.Tsize_t)(at(n)))
	if len(p.out)+size > p.u.limits.ResultBytes {
		p.u.stop = p.u.overLimit(ResultBytes)
		return p.u.stop
	}
	p.out = jsondoc.AppendString(p.out, unsafe.String((*byte)(at(text)), size))
	return nil
}

func (p *printer) object(v lib.TJSValue) (bool, error) {
	if p.depth++; p.depth > jsondoc.DepthMax {
		return false, &ResultError{Msg: "nested too deep, or in a circle"}
	}
	defer func() { p.depth-- }()
	r := p.u.r
	if o := r.lazyOf(v); o != nil {
		if !o.filled {
			return true, p.unfilled(o)
		}
		return true, p.fields(v, o.value)
	}
	switch int(lib.XJS_GetClassID(r.tls, v)) {
	case lib.EJS_CLASS_OBJECT:
		return true, p.fields(v, jsondoc.Value{})
	case lib.EJS_CLASS_ARRAY:
		return true, p.array(v)
	default:
		return p.foreign(v)
	}
}

// unfilled appends an object whose fields are those of the document; only arrays and objects below may have changed.
func (p *printer) unfilled(o *lazy) error {
	if len(o.children) == 0 {
		p.out = o.value.AppendJSON(p.out)
		return nil
	}
	value, children := o.value, o.children
	start, _ := value.Span()
	raw := value.Raw()
	at := 0
	for i := range value.Len() {
		from, to := value.At(i).Span()
		for _, c := range children {
			if c.start != from {
				continue
			}
			p.out = append(p.out, raw[at:from-start]...)
			if _, err := p.value(c.v, jsondoc.Value{}, false); err != nil {
				return err
			}
			at = to - start
		}
	}
	p.out = append(p.out, raw[at:]...)
	return nil
}

// field is a property that is to be written.
type field struct {
	name string
	atom lib.TJSAtom
}

// fields appends an object by its enumerable properties.
func (p *printer) fields(v lib.TJSValue, origin jsondoc.Value) error {
	r := p.u.r
	list, free, err := p.u.properties(v)
	if err != nil {
		return err
	}
	defer free()
	p.out = append(p.out, '{')
	first := true
	for _, f := range inOrder(list, origin) {
		start := len(p.out)
		if !first {
			p.out = append(p.out, ',')
		}
		p.out = append(jsondoc.AppendString(p.out, f.name), ':')
		was, known := origin.Field(f.name)
		item := lib.XJS_GetPropertyInternal(r.tls, r.ctx, v, f.atom, v, 0)
		if isException(item) {
			return p.u.failure()
		}
		ok, err := p.value(item, was, known)
		r.free(item)
		if err != nil {
			return err
		}
		if !ok {
			p.out = p.out[:start]
			continue
		}
		first = false
	}
	p.out = append(p.out, '}')
	return nil
}

// properties lists the enumerable properties of v with string names; free must be called when they are done with.
func (u *run) properties(v lib.TJSValue) (list []field, free func(), err error) {
	r := u.r
	out := r.tls.Alloc(16)
	defer r.tls.Free(16)
	if lib.XJS_GetOwnPropertyNames(r.tls, r.ctx, out, out+8, v, lib.MJS_GPN_STRING_MASK|lib.MJS_GPN_ENUM_ONLY) < 0 {
		return nil, nil, u.failure()
	}
	tab, n := *(*uintptr)(at(out)), *(*uint32)(at(out + 8))
	list = make([]field, 0, n)
	for _, e := range unsafe.Slice((*lib.TJSPropertyEnum)(at(tab)), n) {
		if name, ok := r.nameOf(e.Fatom); ok {
			list = append(list, field{name, e.Fatom})
		}
	}
	return list, func() { lib.XJS_FreePropertyEnum(r.tls, r.ctx, tab, n) }, nil
}

// inOrder returns list in the order of origin, and then what is new. The language sorts names that are whole numbers to
// the front; only where origin has such names is there anything to do.
func inOrder(list []field, origin jsondoc.Value) []field {
	numbers := false
	for i := range origin.Len() {
		name, _ := origin.Entry(i)
		raw := name.Raw()
		numbers = numbers || raw[1] >= '0' && raw[1] <= '9'
	}
	if !numbers {
		return list
	}
	where := make(map[string]int, len(list))
	for i, f := range list {
		where[f.name] = i
	}
	sorted := make([]field, 0, len(list))
	for name := range origin.Fields() {
		if i, ok := where[name]; ok {
			sorted = append(sorted, list[i])
			delete(where, name)
		}
	}
	for _, f := range list {
		if _, ok := where[f.name]; ok {
			sorted = append(sorted, f)
		}
	}
	return sorted
}

// array appends an array by its elements; what has no JSON is null there.
func (p *printer) array(v lib.TJSValue) error {
	r := p.u.r
	origin := p.u.arrays[pointerOf(v)]
	n, err := p.u.length(v)
	if err != nil {
		return err
	}
	var numbers map[float64]jsondoc.Value
	p.out = append(p.out, '[')
	for i := range n {
		if i > 0 {
			p.out = append(p.out, ',')
		}
		item := lib.XJS_GetPropertyUint32(r.tls, r.ctx, v, i)
		if isException(item) {
			return p.u.failure()
		}
		was, known := element(origin, int(i), item, &numbers)
		ok, err := p.value(item, was, known)
		r.free(item)
		if err != nil {
			return err
		}
		if !ok {
			p.out = append(p.out, "null"...)
		}
	}
	p.out = append(p.out, ']')
	return nil
}

func (u *run) length(array lib.TJSValue) (uint32, error) {
	v := u.r.property(array, "length")
	if isException(v) {
		return 0, u.failure()
	}
	if tagOf(v) == lib.EJS_TAG_INT {
		return uint32(intOf(v)), nil
	}
	return uint32(floatOf(v)), nil
}

// element returns which element of origin a number at i was, if any: the one at the same place, or, since elements move
// when others are removed, any with the same value. Numbers is made when it is first needed.
func element(origin jsondoc.Value, i int, item lib.TJSValue, numbers *map[float64]jsondoc.Value) (was jsondoc.Value, known bool) {
	var f float64
	switch tagOf(item) {
	case lib.EJS_TAG_INT:
		f = float64(intOf(item))
	case lib.EJS_TAG_FLOAT64:
		f = floatOf(item)
	default:
		return jsondoc.Value{}, false
	}
	if i < origin.Len() {
		was = origin.At(i)
		if have, ok := was.Float64(); ok && have == f {
			return was, true
		}
	}
	if *numbers == nil {
		*numbers = map[float64]jsondoc.Value{}
		for v := range origin.Items() {
			if have, ok := v.Float64(); ok {
				(*numbers)[have] = v
			}
		}
	}
	was, known = (*numbers)[f]
	return was, known
}

// foreign appends what is neither a plain object nor an array (a Date, a Proxy, a Map) as JSON.stringify has it.
func (p *printer) foreign(v lib.TJSValue) (bool, error) {
	r := p.u.r
	text := lib.XJS_JSONStringify(r.tls, r.ctx, v, r.visit, jsUndefined())
	defer r.free(text)
	if isException(text) {
		return false, p.u.failure()
	}
	if isUndefined(text) {
		return false, nil
	}
	raw, ok := r.text(text)
	if !ok {
		p.u.stop = p.u.overLimit(Memory)
		return false, p.u.stop
	}
	doc, err := jsondoc.Parse([]byte(raw)) // canonical: the engine spells some characters otherwise
	if err != nil {
		return false, &ResultError{Msg: err.Error()}
	}
	p.out = append(p.out, doc.Text()...)
	return true, nil
}
