package script

import (
	"context"
	"slices"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// Host is what a script can do to the world around it, given for each run.
//
// Call is called on the goroutine of Run, with the name of the function as scripts write it ("load", "put",
// "timeseries.append") and its arguments; those that are documents, where a script may give the document or its id, come
// as the id. A function that is not there is answered with a *NotOfferedError. Errors of kind Invalid, NotFound and
// Conflict are thrown in the script, which may catch them; all others end the run, and Run returns them.
type Host interface {
	Call(ctx context.Context, name string, args []Value) (Value, error)
}

// Value is a value between script and host: a JSON value, or undefined.
type Value struct {
	Doc jsondoc.Doc // nil is undefined; must stay valid until Run returns
	ID  string      // of the document that Doc is, when the host returns one; "" for other values
}

// Action is a call of the host that writes.
type Action struct {
	Name string
	Args []Value
}

// writes lists the functions that change something, and so are actions.
func writes(name string) bool {
	return slices.Contains([]string{
		"put", "del", "incrementCounter", "deleteCounter", "timeseries.append", "timeseries.delete", "timeseries.increment",
		"attachments.delete", "attachments.copyFrom", "attachments.remote", "archived.archiveAt", "archived.unarchive",
	}, name)
}

// natives are the functions that the prelude is given, in the order of its parameters. Scripts do not see them.
func (r *runtime) natives() []func(args []lib.TJSValue) lib.TJSValue {
	return []func(args []lib.TJSValue) lib.TJSValue{
		r.nativeID, r.nativeHost, r.nativeOutput, r.nativeNow, r.nativeRandom, r.nativeRaw, r.nativeClass, r.nativeVisit,
	}
}

// newFunction makes f a function of the engine.
func (r *runtime) newFunction(f func(args []lib.TJSValue) lib.TJSValue) lib.TJSValue {
	enter := func(_ *libc.TLS, _ uintptr, _ lib.TJSValue, argc int32, argv uintptr) lib.TJSValue {
		if r.run == nil {
			return jsUndefined()
		}
		args := make([]lib.TJSValue, argc)
		for i := range args {
			args[i] = *(*lib.TJSValue)(at(argv + uintptr(i*valueBytes)))
		}
		return f(args)
	}
	return lib.XJS_NewCFunction2(r.tls, r.ctx, r.callback(enter), copyIn(r, ""), 0, lib.EJS_CFUNC_generic, 0)
}

// nativeID returns the id of the document whose root the argument is, else undefined.
func (r *runtime) nativeID(args []lib.TJSValue) lib.TJSValue {
	if len(args) == 0 || !isObject(args[0]) {
		return jsUndefined()
	}
	if o := r.lazyOf(args[0]); o != nil && o.id != "" {
		return newString(r, o.id)
	}
	return jsUndefined()
}

func (r *runtime) nativeNow([]lib.TJSValue) lib.TJSValue {
	return jsFloat(float64(r.run.in.Now.UnixMilli()))
}

func (r *runtime) nativeRandom([]lib.TJSValue) lib.TJSValue { return jsFloat(r.run.random.float()) }

// nativeOutput takes one line, made a string by the prelude.
func (r *runtime) nativeOutput(args []lib.TJSValue) lib.TJSValue {
	u := r.run
	line, _ := r.text(args[0])
	if u.outputBytes += len(line) + 1; u.outputBytes > u.limits.OutputBytes {
		u.stop = u.overLimit(OutputBytes)
		return r.throwFatal(u.stop.Error())
	}
	u.output = append(u.output, line)
	return jsUndefined()
}

// nativeRaw returns the text of a number as it stands in the document: of the object given, by the names that follow.
func (r *runtime) nativeRaw(args []lib.TJSValue) lib.TJSValue {
	if len(args) == 0 || !isObject(args[0]) {
		return jsUndefined()
	}
	o := r.lazyOf(args[0])
	if o == nil {
		return jsUndefined()
	}
	v := o.value
	for _, arg := range args[1:] {
		name, _ := r.text(arg)
		field, ok := v.Field(name)
		if !ok {
			return jsUndefined()
		}
		v = field
	}
	if v.Kind() == jsondoc.String {
		return newString(r, v.Bytes(nil))
	}
	return newString(r, v.Raw())
}

// nativeClass says what the engine takes its argument for, whatever it pretends to be.
func (r *runtime) nativeClass(args []lib.TJSValue) lib.TJSValue {
	class := "other"
	if len(args) > 0 && isObject(args[0]) {
		switch id := int(lib.XJS_GetClassID(r.tls, args[0])); {
		case id == lib.EJS_CLASS_ARRAY:
			class = "array"
		case id == lib.EJS_CLASS_PROXY:
			class = "proxy"
		case id == lib.EJS_CLASS_REGEXP:
			class = "regexp"
		case id >= lib.EJS_CLASS_UINT8C_ARRAY && id <= lib.EJS_CLASS_FLOAT64_ARRAY:
			class = "typed array"
		}
	}
	return newString(r, class)
}

// nativeVisit is a replacer for JSON.stringify that replaces nothing: it is there to look at the clock.
func (r *runtime) nativeVisit(args []lib.TJSValue) lib.TJSValue {
	u := r.run
	*r.counter()++ // this call is not one of the script's
	if u.visits++; u.visits%visitsSliceMax == 0 && (u.late.Load() || u.ctx.Err() != nil) {
		return r.throwFatal(u.exhausted().Error())
	}
	return r.dup(args[1])
}

// nativeHost calls the host: its first argument is the name.
func (r *runtime) nativeHost(args []lib.TJSValue) lib.TJSValue {
	u := r.run
	name, _ := r.text(args[0])
	if u.hostCalls++; u.hostCalls > u.limits.HostCalls {
		u.stop = u.overLimit(HostCalls)
		return r.throwFatal(u.stop.Error())
	}
	values, err := u.values(args[1:])
	if err == nil {
		var answer Value
		if answer, err = u.callHost(name, values); err == nil {
			if writes(name) {
				u.actions = append(u.actions, Action{Name: name, Args: values})
			}
			if answer.Doc == nil {
				return jsUndefined()
			}
			return u.root(answer.Doc, answer.ID)
		}
	}
	return u.throwHostError(err)
}

// values prints args and parses them: what the host gets is no memory of the engine.
func (u *run) values(args []lib.TJSValue) ([]Value, error) {
	values := make([]Value, len(args))
	for i, arg := range args {
		text, err := u.print(arg)
		if err != nil {
			return nil, err
		}
		if text == nil {
			continue
		}
		if values[i].Doc, err = jsondoc.Parse(text); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// callHost remembers what the host panics with: it has to get around the engine to Run's caller.
func (u *run) callHost(name string, args []Value) (Value, error) {
	if u.in.Host == nil {
		return Value{}, &NotOfferedError{Name: name}
	}
	returned := false
	defer func() {
		if !returned {
			u.panicked = recover()
			panic(u.panicked)
		}
	}()
	v, err := u.in.Host.Call(u.ctx, name, args)
	returned = true
	return v, err
}

// throwHostError throws err in the script, or past it if the script has no business with it.
func (u *run) throwHostError(err error) lib.TJSValue {
	if u.stop != nil {
		return u.r.throwFatal(u.stop.Error())
	}
	switch fault.Of(err) {
	case fault.Invalid, fault.NotFound, fault.Conflict:
		u.hostError = err
		return u.r.throw("Error", err.Error())
	default:
		u.stop = err
		return u.r.throwFatal(err.Error())
	}
}
