package storage

import (
	"bufio"
	"fmt"
	"io"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/section"
)

// Dump writes the newest committed state as text in a stable order: the state, the free pages, then each structure by
// name. What is damaged is written as a line that says so. The error is that of w, or *ClosedError.
func (e *Env) Dump(w io.Writer) error {
	return e.View(func(tx *ReadTx) error {
		out := bufio.NewWriter(w)
		fmt.Fprintf(out, "environment: format %d, transaction %d, next page %d\n", e.headers.current().version, tx.ID(), tx.nextPage())
		dumpFree(out, freespace.View{Pages: tx, Next: tx.nextPage()})
		fmt.Fprint(out, "catalog ")
		if err := btree.Dump(out, tx.catalogView()); err != nil {
			return err
		}
		for name := range tx.Names() {
			if err := dumpStructure(out, tx, name); err != nil {
				return err
			}
		}
		return out.Flush() // reports what any line before met
	})
}

func dumpFree(out io.Writer, free freespace.View) {
	fmt.Fprint(out, "free:")
	for run, err := range free.FreeRuns() {
		if err != nil {
			fmt.Fprintf(out, " damaged: %v", err)
			break
		}
		fmt.Fprintf(out, " %d+%d", run.No, run.Pages)
	}
	fmt.Fprintln(out)
}

func dumpStructure(out io.Writer, tx Tx, name string) error {
	s, err := tx.structure(name)
	fmt.Fprintf(out, "%q ", name)
	if err != nil {
		_, err = fmt.Fprintf(out, "damaged: %v\n", err)
		return err
	}
	if s == nil {
		return nil // its name came from the catalog
	}
	switch s.kind {
	case kindTree:
		return btree.Dump(out, btree.NewView(tx.pageReader(), s.tree))
	case kindFixed:
		return btree.DumpFixed(out, btree.NewFixedView(tx.pageReader(), s.fixed))
	default:
		return section.Dump(out, section.NewView(tx.pageReader(), s.sections))
	}
}
