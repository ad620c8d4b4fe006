package btree

import (
	"github.com/rookerydb/rookery/internal/storage/page"
)

// readValue returns the value of a leaf's entry, from its overflow run if it has one.
func readValue(r Reader, e entry) ([]byte, error) {
	if !e.overflow {
		return e.value, nil
	}
	ref := decodeRef(e.value)
	run, err := loadRun(r, ref)
	if err != nil {
		return nil, err
	}
	return run[page.HeaderBytes : page.HeaderBytes+ref.bytes : page.HeaderBytes+ref.bytes], nil
}

// loadRun returns the overflow run that r refers to, if it is one and has the length that r says.
func loadRun(pages Reader, r ref) ([]byte, error) {
	run, err := pages.Page(r.no)
	if err != nil {
		return nil, err
	}
	if len(run) < page.SizeBytes || page.Number(run) != r.no || page.KindOf(run) != page.Overflow {
		return nil, headerError(run, r.no, page.Overflow)
	}
	if page.OverflowBytes(run) != r.bytes || r.bytes > ValueBytesMax || len(run) < page.HeaderBytes+r.bytes {
		return nil, corrupt(r.no, "overflow run has not the length that its entry says")
	}
	return run, nil
}

// makeRun writes value to a new overflow run.
func (t *Tree) makeRun(value []byte) (ref, error) {
	pages := page.RunPages(len(value))
	no, run, err := t.pages.Alloc(pages)
	if err != nil {
		return ref{}, err
	}
	page.Init(run, no, page.Overflow)
	page.SetOverflowBytes(run, len(value))
	copy(page.Payload(run), value)
	t.state.OverflowPages += uint64(pages)
	return ref{no: no, bytes: len(value)}, nil
}

// rewriteRun writes value over the overflow run of r, which has as many pages as value needs: fewer bytes differ than
// in a new run, and no page changes hands.
func (t *Tree) rewriteRun(r ref, value []byte) (ref, error) {
	if _, err := loadRun(t.pages, r); err != nil {
		return ref{}, err
	}
	run, err := t.pages.Copy(r.no)
	if err != nil {
		return ref{}, err
	}
	page.SetOverflowBytes(run, len(value))
	copy(page.Payload(run), value)
	return ref{no: r.no, bytes: len(value)}, nil
}

// freeRun gives back the overflow run of e, if it has one.
func (t *Tree) freeRun(e entry) error {
	if !e.overflow {
		return nil
	}
	r := decodeRef(e.value)
	if _, err := loadRun(t.pages, r); err != nil { // what is not the run must not be freed
		return err
	}
	t.state.OverflowPages -= uint64(page.RunPages(r.bytes))
	return t.pages.Free(r.no)
}
