package flattrie

import (
	"fmt"
	"io"
	"strings"
)

// Dump writes the trie as text, a line for each node, for people and golden files. Where nodes are in the buffer is left
// out: tries with the same keys that were put in the same order give the same text, defragmented or not, but for the places.
func (v View) Dump(out io.Writer) {
	fmt.Fprintf(out, "trie keys=%d\n", v.Len())
	v.dump(out, rootLink, "", 0)
}

func (v View) dump(out io.Writer, link int, label string, depth int) {
	n := v.node(link)
	fmt.Fprintf(out, "%s%s%q", strings.Repeat("  ", depth+1), label, v.edge(n))
	if n.hasValue() {
		fmt.Fprintf(out, " = %d", v.value(n))
	}
	if n.room() > 0 {
		fmt.Fprintf(out, " children=%d/%d", n.children, n.room())
	}
	fmt.Fprintln(out)
	for i, b := range v.labels(n) {
		v.dump(out, n.linkOff(i), fmt.Sprintf("%q ", b), depth+1)
	}
}

// Stats says what a trie takes.
type Stats struct {
	Keys        int
	UsedBytes   int // up to the last block, dead ones included
	DeadBytes   int // of blocks that were freed
	BufferBytes int // what the process holds
}

// Stats returns what the trie takes.
func (v View) Stats() Stats {
	return Stats{Keys: v.Len(), UsedBytes: v.used(), DeadBytes: v.number(deadOff), BufferBytes: len(v.buf)}
}
