package script

import (
	"regexp"
	"strconv"
	"strings"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"
)

// Kind is what a text is to be read as.
type Kind uint8

const (
	// PatchBody is statements: the body of a function of args, called with the document as this. It may return.
	PatchBody Kind = iota
	// Expression is one expression over this and args, whose value is the result: a projection, a filter.
	Expression
)

// Program is a compiled script. It belongs to no runtime, and is good for any number of runs at once.
type Program struct {
	kind     Kind
	source   string
	bytecode []byte
}

// Source returns the text that was compiled.
func (p *Program) Source() string { return p.source }

// headLines is how many lines a wrapper has before the text.
const headLines = 1

// wrappers return the text as a function. The second is only parsed: a text that closes the wrapper's brackets itself
// and opens others fits the first or the second, but not both.
func wrappers(source string, kind Kind) (run, proof string) {
	head, tail := "", "\n"
	if kind == Expression {
		head, tail = "return (", "\n);"
	}
	return `(function(args){"use strict";` + head + "\n" + source + tail + "})",
		`(class{static m(args){` + head + "\n" + source + tail + "}})"
}

// compiler is a runtime that has eval, which compiling needs; runs have none, they load the bytecode.
type compiler struct{ r *runtime }

func newCompiler() (*compiler, error) {
	r, err := newRuntime()
	if err != nil {
		return nil, err
	}
	lib.XJS_AddIntrinsicEval(r.tls, r.ctx)
	lib.XJS_SetStripInfo(r.tls, r.rt, lib.MJS_STRIP_SOURCE)
	return &compiler{r}, nil
}

// compile returns source as a program. The error is a *ParseError or a *LimitError.
func (c *compiler) compile(source string, kind Kind) (*Program, error) {
	c.r.limitMemory(c.r.usedBytes() + compileBytesMax)
	text, proof := wrappers(source, kind)
	bytecode, err := c.bytecode(scriptName, text, source)
	if err != nil {
		return nil, err
	}
	if _, err := c.bytecode(scriptName, proof, source); err != nil {
		return nil, err
	}
	return &Program{kind: kind, source: source, bytecode: bytecode}, nil
}

// bytecode compiles text, which stacks call file, and of which source is what the user wrote.
func (c *compiler) bytecode(file, text, source string) ([]byte, error) {
	r := c.r
	name, err := libc.CString(file)
	if err != nil {
		return nil, errNoMemory
	}
	defer libc.Xfree(r.tls, name)
	flags := int32(lib.MJS_EVAL_TYPE_GLOBAL | lib.MJS_EVAL_FLAG_COMPILE_ONLY)
	f := lib.XJS_Eval(r.tls, r.ctx, copyIn(r, text), lib.Tsize_t(len(text)), name, flags)
	if isException(f) {
		return nil, c.parseError(source)
	}
	defer r.free(f)
	size := r.tls.Alloc(8)
	defer r.tls.Free(8)
	p := lib.XJS_WriteObject(r.tls, r.ctx, size, f, lib.MJS_WRITE_OBJ_BYTECODE)
	if p == 0 {
		return nil, c.parseError(source)
	}
	defer lib.Xjs_free(r.tls, r.ctx, p)
	return append([]byte(nil), bytesAt(p, int(*(*lib.Tsize_t)(at(size))))...), nil
}

// parseError takes the pending exception.
func (c *compiler) parseError(source string) error {
	r := c.r
	thrown := lib.XJS_GetException(r.tls, r.ctx)
	defer r.free(thrown)
	r.limitMemory(r.usedBytes() + compileBytesMax)
	e := r.describe(thrown)
	switch e.Msg {
	case "out of memory":
		return &LimitError{Limit: Memory, Value: strconv.Itoa(compileBytesMax) + " bytes"}
	case "stack overflow":
		return &LimitError{Limit: StackDepth, Value: strconv.Itoa(depthMax) + " frames"}
	}
	lines := strings.Split(source, "\n")
	p := &ParseError{Line: max(1, e.Line), Col: max(1, e.Col), Msg: e.Msg, Source: source}
	if p.Line > len(lines) { // in the wrapper: something is still open at the end of the text
		p.Line = len(lines)
		p.Col = len([]rune(lines[p.Line-1])) + 1
	}
	return p
}

// scriptName is what the engine calls the text in stacks.
const scriptName = "script"

// place finds line and column in a frame of a stack: "    at f (script:3:14)".
var place = regexp.MustCompile(`\b` + scriptName + `:(\d+)(?::(\d+))?`)

// describe reads what can be read of a thrown value. It may run getters and toString of the script; what those throw is
// dropped.
func (r *runtime) describe(thrown lib.TJSValue) *ScriptError {
	e := &ScriptError{}
	if !isObject(thrown) || lib.XJS_IsError(r.tls, r.ctx, thrown) == 0 {
		e.Msg, _ = r.text(thrown)
		e.Msg = firstBytes(e.Msg)
		return e
	}
	e.Name = firstBytes(r.stringProperty(thrown, "name"))
	e.Msg = firstBytes(r.stringProperty(thrown, "message"))
	e.Line, e.Col = r.intProperty(thrown, "lineNumber")-headLines, r.intProperty(thrown, "columnNumber")
	var frames []string
	for frame := range strings.Lines(firstBytes(r.stringProperty(thrown, "stack"))) {
		m := place.FindStringSubmatchIndex(frame)
		if m == nil {
			continue // of the prelude, or a built-in
		}
		line, _ := strconv.Atoi(frame[m[2]:m[3]])
		col := 0
		if m[4] >= 0 {
			col, _ = strconv.Atoi(frame[m[4]:m[5]])
		}
		if len(frames) == 0 {
			e.Line, e.Col = line-headLines, col
		}
		frames = append(frames, strings.TrimSpace(frame[:m[2]])+strconv.Itoa(line-headLines)+strings.TrimRight(frame[m[3]:], "\n"))
	}
	e.Line = max(0, e.Line)
	e.Stack = strings.Join(frames, "\n")
	return e
}

// messageBytesMax bounds each text of an error: what a script throws can be as long as its memory.
const messageBytesMax = 8 << 10

func firstBytes(s string) string {
	if len(s) > messageBytesMax {
		return strings.ToValidUTF8(s[:messageBytesMax], "") + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// stringProperty returns v[name] if it is a string that can be read, else "".
func (r *runtime) stringProperty(v lib.TJSValue, name string) string {
	p := r.property(v, name)
	defer r.free(p)
	switch tagOf(p) {
	case lib.EJS_TAG_EXCEPTION:
		r.free(lib.XJS_GetException(r.tls, r.ctx))
	case lib.EJS_TAG_STRING, lib.EJS_TAG_STRING_ROPE:
		s, _ := r.text(p)
		return s
	}
	return ""
}

func (r *runtime) intProperty(v lib.TJSValue, name string) int {
	p := r.property(v, name)
	defer r.free(p)
	switch tagOf(p) {
	case lib.EJS_TAG_EXCEPTION:
		r.free(lib.XJS_GetException(r.tls, r.ctx))
	case lib.EJS_TAG_INT:
		return int(intOf(p))
	}
	return 0
}

// load returns the program's function on this runtime, which keeps it.
func (r *runtime) load(p *Program) (lib.TJSValue, error) {
	if f, ok := r.loaded[p]; ok {
		return f, nil
	}
	if len(r.loaded) >= loadedMax {
		r.forgetPrograms()
	}
	f := r.evaluate(p.bytecode)
	if isException(f) {
		r.free(lib.XJS_GetException(r.tls, r.ctx))
		return f, &EngineError{Msg: "no memory to load a script of " + strconv.Itoa(len(p.source)) + " bytes"}
	}
	r.loaded[p] = f
	return f, nil
}

// evaluate runs bytecode of this process as a global script and returns its value.
func (r *runtime) evaluate(bytecode []byte) lib.TJSValue {
	f := lib.XJS_ReadObject(r.tls, r.ctx, copyIn(r, bytecode), lib.Tsize_t(len(bytecode)), lib.MJS_READ_OBJ_BYTECODE)
	if isException(f) {
		return f
	}
	return lib.XJS_EvalFunction(r.tls, r.ctx, f)
}
