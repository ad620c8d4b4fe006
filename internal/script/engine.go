package script

import (
	"context"
	goruntime "runtime"
	"sync"
	"time"
)

// Options configures an Engine. The zero value works.
type Options struct {
	// RuntimesMax is how many scripts may run at once, each in a runtime of about 1 MiB; the others wait. Default: twice the
	// processors, 4 at least.
	RuntimesMax int
	// Now is the clock for runs that bring no instant. Default time.Now.
	Now func() time.Time
}

// Engine compiles scripts and runs them on a pool of runtimes. Safe for any number of goroutines.
type Engine struct {
	now     func() time.Time
	slots   chan struct{} // one token for each runtime that may be at work
	prelude []byte        // bytecode

	mu       sync.Mutex
	idle     []*runtime // newest last, which is the one used next: its memory is warm
	made     int        // runtimes made since New
	closed   bool
	programs map[programKey]*Program

	compileMu sync.Mutex
	compiler  *compiler
}

type programKey struct {
	kind   Kind
	source string
}

// Stats counts what an engine has.
type Stats struct {
	Idle     int // runtimes that wait for work
	Made     int // runtimes made so far; those above the most used at once replaced ones thrown away
	Programs int // compiled programs kept
}

// New returns an engine. Its runtimes are made when they are needed.
func New(o Options) (*Engine, error) {
	if o.RuntimesMax <= 0 {
		o.RuntimesMax = max(4, 2*goruntime.GOMAXPROCS(0))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c, err := newCompiler()
	if err != nil {
		return nil, err
	}
	prelude, err := c.bytecode("prelude", preludeSource, preludeSource)
	if err != nil {
		c.r.close()
		return nil, err
	}
	return &Engine{
		now: o.Now, slots: make(chan struct{}, o.RuntimesMax), prelude: prelude,
		programs: map[programKey]*Program{}, compiler: c,
	}, nil
}

// Close throws the idle runtimes away, and the others when their runs end. Idempotent. Afterwards calls return ErrClosed.
func (e *Engine) Close() {
	e.compileMu.Lock()
	defer e.compileMu.Unlock()
	e.mu.Lock()
	idle := e.idle
	e.idle, e.programs, e.closed = nil, nil, true
	e.mu.Unlock()
	for _, r := range idle {
		r.close()
	}
	if e.compiler != nil {
		e.compiler.r.close()
		e.compiler = nil
	}
}

// Stats returns the engine's counts.
func (e *Engine) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Stats{Idle: len(e.idle), Made: e.made, Programs: len(e.programs)}
}

// Compile returns source as a program, the same one for the same text as long as it is kept. The errors are *ParseError,
// and *LimitError for a text that is too long or nests too deep.
func (e *Engine) Compile(source string, kind Kind) (*Program, error) {
	if len(source) > SourceBytesMax {
		return nil, (&run{}).overLimit(SourceBytes)
	}
	key := programKey{kind, source}
	e.mu.Lock()
	p, ok, closed := e.programs[key], e.programs[key] != nil, e.closed
	e.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if ok {
		return p, nil
	}
	p, err := e.compile(source, kind)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	if len(e.programs) >= programsMax {
		for old := range e.programs { // any one: those in use come back at their next compilation
			delete(e.programs, old)
			break
		}
	}
	e.programs[key] = p
	return p, nil
}

// compile has the one compiler; one that has been left large, by a long text or an error, is replaced.
func (e *Engine) compile(source string, kind Kind) (p *Program, err error) {
	e.compileMu.Lock()
	defer e.compileMu.Unlock()
	if e.compiler == nil {
		c, err := newCompiler()
		if err != nil {
			return nil, err
		}
		e.compiler = c
	}
	p, err = e.compiler.compile(source, kind)
	e.compiler.r.shrink()
	if e.compiler.r.usedBytes() > garbageBytesMax {
		e.compiler.r.close()
		e.compiler = nil
	}
	return p, err
}

// Run runs p on in. It waits for a runtime, or for ctx.
//
// What the script threw is a *ScriptError; a bound that stopped it, a *LimitError; a ctx that ended, its cause; a value
// that has no JSON, a *ResultError; a failure of the engine, an *EngineError; and errors of the host that are none of
// the script's business come back as they are. Nothing of one run can be seen by another.
func (e *Engine) Run(ctx context.Context, p *Program, in Input) (Result, error) {
	select {
	case e.slots <- struct{}{}:
	case <-ctx.Done():
		return Result{}, context.Cause(ctx)
	}
	defer func() { <-e.slots }()
	r, err := e.take()
	if err != nil {
		return Result{}, err
	}
	if in.Now.IsZero() {
		in.Now = e.now()
	}
	result, clean, err := r.execute(ctx, p, in)
	e.give(r, clean)
	return result, err
}

// take returns a runtime that nobody uses.
func (e *Engine) take() (*runtime, error) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, ErrClosed
	}
	if n := len(e.idle); n > 0 {
		r := e.idle[n-1]
		e.idle = e.idle[:n-1]
		e.mu.Unlock()
		return r, nil
	}
	e.made++
	e.mu.Unlock()
	r, err := newRuntime()
	if err != nil {
		return nil, err
	}
	if err := r.prepare(e.prelude); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// give takes a runtime back, or throws it away.
func (e *Engine) give(r *runtime, clean bool) {
	e.mu.Lock()
	keep := clean && !e.closed
	if keep {
		e.idle = append(e.idle, r)
	}
	e.mu.Unlock()
	if !keep && !r.abandoned() {
		r.close()
	}
}
