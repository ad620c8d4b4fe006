package script

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	lib "modernc.org/libquickjs"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// Input is what one run works on. Documents must stay valid until Run returns.
type Input struct {
	Document jsondoc.Doc // this; nil stands for {}
	ID       string      // of the document, for id(this) and what else takes a document; "" has none
	Args     jsondoc.Doc // args; nil stands for {}
	Host     Host        // nil offers nothing
	Limits   Limits      // zero fields take the defaults
	Now      time.Time   // what Date says, all through the run; zero asks Options.Now
	Seed     uint64      // of Math.random
}

// Result is what a run left. All of it is memory of its own.
type Result struct {
	Document []byte   // canonical JSON text of this after the run; nil unless the program is a PatchBody
	Changed  bool     // whether Document differs from the text of the document before
	Returned []byte   // JSON text of the returned value; nil if that has none (undefined, a function)
	Output   []string // lines of output and console.log
	Actions  []Action // calls of the host that write, in their order
	Steps    int      // loop rounds and calls
}

// run is one run on a runtime: its bounds, what it has used of them, and what its values were made from.
type run struct {
	r      *runtime
	ctx    context.Context //nolint:containedctx // a run is one call: its callbacks have no other way to see it
	in     Input
	limits Limits
	random random

	stepsLeft, slice int
	late             atomic.Bool // set by the clock

	objects []lazy                    // by number, as kept in the object; 0 is none
	arrays  map[uintptr]jsondoc.Value // what arrays were made from, by where they lie
	held    []lib.TJSValue            // references to arrays and objects that must stay where they are until the end
	exact   map[float64]string        // numbers that a float64 cannot hold, by what it makes of them; "" if there are two

	stop        error // why the run is being stopped; wins over what the script threw
	hostError   error // the last error of the host, which the script may have caught
	output      []string
	outputBytes int
	actions     []Action
	hostCalls   int
	visits      int // by JSON.stringify
	panicked    any // what the host panicked with
}

// execute runs p and returns what it left. The runtime is good for another run only if clean is true.
func (r *runtime) execute(ctx context.Context, p *Program, in Input) (result Result, clean bool, err error) {
	u := &run{r: r, ctx: ctx, in: in, limits: in.Limits.withDefaults(), random: random{in.Seed}}
	u.stepsLeft = u.limits.Steps + 1
	u.objects = make([]lazy, 1, 16)
	f, err := r.load(p)
	if err != nil {
		return Result{}, false, err
	}
	before := r.usedBytes()
	abandoned := true
	defer func() {
		if !abandoned {
			return
		}
		failure := recover() // of the engine: its stack is gone, it can run no more and free nothing
		if u.panicked != nil {
			panic(u.panicked)
		}
		clean, err = false, &EngineError{Msg: fmt.Sprint(failure)}
		r.abandon()
	}()
	stopClock := u.startClock()
	defer stopClock()
	u.begin(before)
	result, err = u.perform(p, f)
	u.end()
	abandoned = false
	clean = u.stop == nil && r.clean(before)
	return result, clean, err
}

func (u *run) begin(usedBytes int) {
	r := u.r
	r.limitMemory(usedBytes + u.limits.MemoryBytes)
	r.limitDepth(u.limits.Depth)
	u.slice = min(u.stepsLeft, stepsSliceMax)
	*r.counter() = int32(u.slice)
	r.run = u
}

func (u *run) end() {
	r := u.r
	for _, v := range u.held {
		r.free(v)
	}
	lib.XJS_SetUncatchableException(r.tls, r.ctx, 0)
	r.run = nil
	r.limitDepth(depthMax)
	r.limitMemory(r.usedBytes() + runtimeBytesMax)
	r.shrink()
}

// startClock sees to it that the run notices soon after its time is over; stop ends that.
//
// The engine looks at the limits when its counter of steps is used up; the clock empties the counter. It does so again
// and again, for the engine's own write may come between. This is the one word of its memory that two goroutines write.
func (u *run) startClock() (stop func()) {
	done := make(chan struct{})
	counter := u.r.counter()
	ended := make(chan struct{})
	timer := time.AfterFunc(u.limits.Time, func() {
		defer close(ended)
		u.late.Store(true)
		tick := time.NewTicker(nudgeInterval)
		defer tick.Stop()
		for {
			atomic.StoreInt32(counter, 0)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	return func() {
		if timer.Stop() {
			return
		}
		close(done)
		<-ended
	}
}

// interrupt is called by the engine when its counter is used up, and from inside regular expressions. Not 0 stops the
// script; nothing in it can catch that.
func (r *runtime) interrupt() int32 {
	u := r.run
	if u == nil {
		return 0
	}
	if counter := r.counter(); *counter > stepsSliceMax { // the engine has just set it anew: code, not an expression
		u.stepsLeft -= u.slice
		u.slice = max(1, min(u.stepsLeft, stepsSliceMax))
		*counter = int32(u.slice)
	} else {
		u.stepsLeft -= regexpSteps
	}
	if u.exhausted() != nil {
		return 1
	}
	return 0
}

// exhausted returns why the run has to stop, or nil.
func (u *run) exhausted() error {
	switch {
	case u.stop != nil:
	case u.ctx.Err() != nil:
		u.stop = context.Cause(u.ctx)
	case u.late.Load():
		u.stop = u.overLimit(Time)
	case u.stepsLeft <= 0:
		u.stop = u.overLimit(Steps)
	}
	return u.stop
}

func (u *run) overLimit(l Limit) error {
	e := &LimitError{Limit: l, Output: u.output}
	switch l {
	case Steps:
		e.Value = fmt.Sprint(u.limits.Steps, " steps")
	case Time:
		e.Value = u.limits.Time.String()
	case Memory:
		e.Value = fmt.Sprint(u.limits.MemoryBytes, " bytes")
	case StackDepth:
		e.Value = fmt.Sprint(u.limits.Depth, " frames")
	case OutputBytes:
		e.Value = fmt.Sprint(u.limits.OutputBytes, " bytes")
	case ResultBytes:
		e.Value = fmt.Sprint(u.limits.ResultBytes, " bytes")
	case HostCalls:
		e.Value = fmt.Sprint(u.limits.HostCalls, " calls")
	case SourceBytes:
		e.Value = fmt.Sprint(SourceBytesMax, " bytes")
	}
	return e
}

// perform calls the program's function and prints what it left.
func (u *run) perform(p *Program, f lib.TJSValue) (Result, error) {
	r := u.r
	document, args := u.in.Document, u.in.Args
	this := u.root(document, u.in.ID)
	defer r.free(this)
	values := u.root(args, "")
	defer r.free(values)
	if isException(this) || isException(values) {
		return Result{}, u.failure()
	}
	returned := r.call(f, this, values)
	defer r.free(returned)
	if isException(returned) {
		return Result{}, u.failure()
	}
	return u.collect(p, this, returned)
}

// collect prints the document and the returned value. Getters that the script made run meanwhile, within its bounds.
func (u *run) collect(p *Program, this, returned lib.TJSValue) (result Result, err error) {
	if p.kind == PatchBody {
		if result.Document, err = u.print(this); err != nil {
			return Result{}, err
		}
		result.Changed = !bytes.Equal(result.Document, u.in.Document.Text())
	}
	if result.Returned, err = u.print(returned); err != nil {
		return Result{}, err
	}
	if err := u.exhausted(); err != nil && u.stepsLeft > 0 {
		return Result{}, err // past its time while printing
	}
	left := u.stepsLeft - u.slice + int(*u.r.counter())
	result.Steps = max(0, u.limits.Steps+1-left)
	result.Output, result.Actions = u.output, u.actions
	return result, nil
}

// failure takes the pending exception and returns it as an error.
func (u *run) failure() error {
	r := u.r
	thrown := lib.XJS_GetException(r.tls, r.ctx)
	defer r.free(thrown)
	lib.XJS_SetUncatchableException(r.tls, r.ctx, 0)
	if u.stop != nil {
		return u.stop
	}
	r.limitMemory(r.usedBytes() + memoryBytesMin) // so that there is room to read the error
	e := r.describe(thrown)
	e.Output = u.output
	if e.Name == "InternalError" && e.Msg == "out of memory" || e.Msg == "" && tagOf(thrown) == lib.EJS_TAG_NULL && r.usedBytes() > u.limits.MemoryBytes {
		u.stop = u.overLimit(Memory)
	} else if e.Name == "InternalError" && e.Msg == "stack overflow" {
		u.stop = u.overLimit(StackDepth)
	}
	if u.stop != nil {
		return u.stop
	}
	if u.hostError != nil && e.Msg == u.hostError.Error() {
		e.Cause = u.hostError
	}
	return e
}

// clean reports whether the runtime may serve another run: nothing waits to be run, and it holds no more memory than before.
func (r *runtime) clean(before int) bool {
	if r.jobsPending() {
		return false
	}
	if r.usedBytes() > before+garbageBytesMax {
		r.collect()
	}
	return r.usedBytes() <= before+garbageBytesMax && r.usedBytes() <= runtimeBytesMax
}

// abandon gives up a runtime whose code was left in the middle by a panic. What it allocated is lost.
func (r *runtime) abandon() { r.run, r.rt = nil, 0 }

func (r *runtime) abandoned() bool { return r.rt == 0 }

// random is splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
type random struct{ state uint64 }

// float returns the next number in [0, 1).
func (x *random) float() float64 {
	x.state += 0x9e3779b97f4a7c15
	z := x.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}
