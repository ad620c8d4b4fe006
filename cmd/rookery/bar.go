package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// barWidth is the characters of a bar: with what stands around it, less than a line of the usual terminal.
const barWidth = 30

// bar draws how far some work is, on one line of a terminal. Elsewhere it prints nothing: a log is no place for it.
type bar struct {
	out   io.Writer
	on    bool
	shown string
}

func newBar(out io.Writer) *bar { return &bar{out: out, on: isTerminal(out)} }

// isTerminal says whether out is a terminal, or another device that characters are sent to.
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show draws the bar anew, when it looks different from before.
func (b *bar) show(what string, done, total uint64) {
	if !b.on {
		return
	}
	if line := barLine(what, done, total); line != b.shown {
		fmt.Fprintf(b.out, "\r\x1b[K%s", line)
		b.shown = line
	}
}

// end leaves an empty line for what comes after it.
func (b *bar) end() {
	if b.on && b.shown != "" {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

func barLine(what string, done, total uint64) string {
	part := 1.0
	if total > 0 {
		part = min(1, float64(done)/float64(total))
	}
	full := int(part * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f %% %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), part*100, what)
}
