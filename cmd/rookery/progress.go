package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// How often progress is shown: a bar as often as the eye follows, a line as often as a log bears.
const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 5 * time.Second
	barCells  = 30
)

// progress shows how far a long piece of work is: as a bar on a terminal, else as a line now and then.
type progress struct {
	w     io.Writer
	name  string
	now   func() time.Time
	bar   bool
	every time.Duration
	next  time.Time
	shown bool
}

func newProgress(w io.Writer, name string, now func() time.Time) *progress {
	p := &progress{w: w, name: name, now: now, every: lineEvery}
	if isTerminal(w) {
		p.bar, p.every = true, barEvery
	}
	p.next = now().Add(p.every) // quick work needs no progress
	return p
}

// isTerminal says whether w is a device that shows characters, rather than a file or a pipe.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// update shows that done of total are worked on, if it is time to.
func (p *progress) update(done, total int64) {
	now := p.now()
	if now.Before(p.next) {
		return
	}
	p.next, p.shown = now.Add(p.every), true
	part := 0.0
	if total > 0 {
		part = min(1, float64(done)/float64(total))
	}
	if !p.bar {
		fmt.Fprintf(p.w, "%s: %.0f %%\n", p.name, part*100)
		return
	}
	full := int(part * barCells)
	fmt.Fprintf(p.w, "\r\x1b[K%s [%s%s] %3.0f %%", p.name, strings.Repeat("#", full), strings.Repeat("-", barCells-full), part*100)
}

// end takes the bar away, so that what follows begins on an empty line.
func (p *progress) end() {
	if p.bar && p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
