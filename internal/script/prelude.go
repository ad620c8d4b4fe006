package script

import (
	_ "embed"

	lib "modernc.org/libquickjs"
)

//go:embed prelude.js
var preludeSource string

// prepare makes r fit for scripts: the class of lazy objects, and the prelude, which is given the natives and the bounds
// that it guards.
func (r *runtime) prepare(prelude []byte) error {
	r.defineExotic()
	f := r.evaluate(prelude)
	defer r.free(f)
	var args []lib.TJSValue
	for _, native := range r.natives() {
		args = append(args, r.newFunction(native))
	}
	for _, bound := range []int32{elementsMax, textWorkMax, textEasyMax} {
		args = append(args, jsInt(bound))
	}
	done := jsException()
	if !isException(f) {
		done = r.call(f, jsUndefined(), args...)
	}
	for _, arg := range args {
		r.free(arg)
	}
	if isException(done) {
		thrown := lib.XJS_GetException(r.tls, r.ctx)
		defer r.free(thrown)
		return &EngineError{Msg: "prelude: " + r.describe(thrown).Error()}
	}
	r.visit = done
	r.collect()
	return nil
}
