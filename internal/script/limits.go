package script

import "time"

// Limits bounds one run. Zero fields take the default; there is no way to switch one off, only to set it high.
type Limits struct {
	// Steps is how many branches back, tests of loops and calls a run may make: two for a round of a for loop, one for a
	// call. They are counted exactly. Default 10,000, as RavenDB's Patching.MaxStepsForScript; too low refuses honest loops over large arrays.
	Steps int
	// Time is how long a run may take, calls of the host included. Default 1 s; a patch holds the writer that long.
	Time time.Duration
	// MemoryBytes is how much the engine may allocate for a run, beyond what it needs itself. Default 32 MiB; below 256 KiB
	// there is no room for the error.
	MemoryBytes int
	// Depth is how deep calls may nest, in frames of the engine: a call of a function takes one, a call through a built-in
	// such as map takes 3 to 9. Default 400. A frame is about 3 KiB of goroutine stack; 5,000 is the most taken.
	Depth int
	// OutputBytes bounds all lines of output and console.log together. Default 64 KiB.
	OutputBytes int
	// ResultBytes bounds the text of the document after the run, and of each value given to the host or returned.
	// Default 16 MiB.
	ResultBytes int
	// HostCalls is how many calls of the host a run may make. Default 1,024.
	HostCalls int
}

const (
	stepsDefault       = 10_000
	timeDefault        = time.Second
	memoryBytesDefault = 32 << 20
	depthDefault       = 400
	outputBytesDefault = 64 << 10
	resultBytesDefault = 16 << 20
	hostCallsDefault   = 1024

	memoryBytesMin = 256 << 10
	depthMax       = 5000 // 16 MiB of goroutine stack on amd64; the port itself starts with it

	// SourceBytesMax bounds the text of a script: 512 KiB. Scripts of 300 KB were seen in the field; parsing is linear, so
	// this is some 50 ms.
	SourceBytesMax = 512 << 10

	// programsMax is how many compiled programs an Engine keeps, as RavenDB's Patching.MaxNumberOfCachedScripts.
	programsMax = 2048

	// loadedMax is how many programs a runtime keeps loaded; above it, it forgets all of them, which costs each about 10 us.
	loadedMax = 128

	// atomsMax is how many property names a runtime keeps translated.
	atomsMax = 1024
	// atomBytesMax keeps long names out of that table.
	atomBytesMax = 64

	// stepsSliceMax is after how many steps at most a run looks at the clock, and whether it was called off. It is below the
	// 10,000 that the engine sets by itself, so that the two can be told apart.
	stepsSliceMax = 1000
	// visitsSliceMax is after how many values written as JSON a run looks at the clock.
	visitsSliceMax = 1024
	// regexpSteps is how many steps a look at the limits from inside a regular expression stands for: the engine asks after
	// 10,000 characters tried again, which takes as long as about 1,000 rounds of a loop. So the default allows 100 ms at most.
	regexpSteps = 100
	// nudgeInterval is how often a run that is past its time is told so, until it notices.
	nudgeInterval = 5 * time.Millisecond

	// garbageBytesMax is how much more memory than at its start a runtime may hold after a run, before the garbage is
	// collected; if it still holds more then, it is thrown away.
	garbageBytesMax = 2 << 20
	// compileBytesMax bounds what compiling one script may take: 64 MiB.
	compileBytesMax = 64 << 20

	// runtimeBytesMax bounds the engine's own needs: the built-ins, loaded programs, names.
	runtimeBytesMax = 8 << 20

	// elementsMax is how long an array may be for built-ins that walk it without looking at the limits: at 10 ns an
	// element 10 ms. Longer ones are refused by the prelude.
	elementsMax = 1_000_000
	// textWorkMax bounds length times length where a built-in compares strings naively.
	textWorkMax = 1 << 28
	// textEasyMax is up to how many characters nobody looks.
	textEasyMax = 1 << 12
)

// withDefaults returns l with the defaults in place of zeros and everything within what the engine can do.
func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.Steps, stepsDefault)
	set(&l.MemoryBytes, memoryBytesDefault)
	set(&l.Depth, depthDefault)
	set(&l.OutputBytes, outputBytesDefault)
	set(&l.ResultBytes, resultBytesDefault)
	set(&l.HostCalls, hostCallsDefault)
	if l.Time <= 0 {
		l.Time = timeDefault
	}
	l.MemoryBytes = max(l.MemoryBytes, memoryBytesMin)
	l.Depth = min(l.Depth, depthMax)
	return l
}
