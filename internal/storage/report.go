package storage

import (
	"path"
	"slices"

	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/section"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Report says what takes the space of an environment. Sizes are bytes.
//
// Of the data file, ReservedBytes, BitmapBytes, FreeBytes, PreallocatedBytes and the Bytes of all Structures are all there is:
// together they are DataBytes and BeyondBytes.
type Report struct {
	Tx                TxID
	DataBytes         int64             // length of the data file
	BeyondBytes       int64             // pages in use behind its end: they are in memory and in journals until the next flush
	ReservedBytes     int64             // pages before the first that can be used
	BitmapBytes       int64             // which pages are free
	FreeBytes         int64             // pages that held something once, and will be used again
	PreallocatedBytes int64             // pages behind the last one that was ever used
	Structures        []StructureReport // the catalog first, its name empty, then by name
	HeaderBytes       int64             // both header files
	Images            []FileReport      // copies of encrypted pages on their way to the data file
	Journals          []FileReport
	UnflushedBytes    int64 // of memory: newest versions of pages that the data file does not have
}

// StructureReport says what one structure takes.
type StructureReport struct {
	Name, Kind    string
	Entries       uint64 // rows, of a section set
	Depth         int    // levels, of a tree
	BranchPages   uint64
	LeafPages     uint64
	SectionPages  uint64 // those that hold nothing yet included
	OverflowPages uint64
	Bytes         int64 // of all these pages

	// Details, which are zero unless they were asked for.

	UsedBytes int64   // of Bytes, what headers, entries or rows take
	Density   float64 // UsedBytes of Bytes, from 0 to 1; of an empty structure 1
	Rows      section.Usage
}

// FileReport is a file and its length.
type FileReport struct {
	Name  string
	Bytes int64
}

// TotalBytes is the length of all files.
func (r *Report) TotalBytes() int64 {
	total := r.DataBytes + r.HeaderBytes
	for _, f := range slices.Concat(r.Images, r.Journals) {
		total += f.Bytes
	}
	return total
}

// Report describes the newest committed state. Without details it reads the catalog and the bitmaps of free pages; with
// them all pages but overflow runs. stop is asked before each page then, if it is not nil, and an error from it is returned.
//
// *CorruptError, *ClosedError; those of listing the journals.
func (e *Env) Report(details bool, stop func() error) (r Report, err error) {
	err = e.View(func(tx *ReadTx) error {
		r = Report{
			Tx: tx.ID(), ReservedBytes: int64(freespace.FirstPage) * pageBytes, UnflushedBytes: tx.snap.tableBytes,
			HeaderBytes: int64(len(headerNames)) * headerBytes,
		}
		if err := r.addStructures(tx, details, stop); err != nil {
			return err
		}
		if err := r.addFreeSpace(tx); err != nil {
			return err
		}
		r.addDataFile(tx.nextPage(), e.counts.dataPages.Load()) // after tx began: the file has what it had then, or more
		return nil
	})
	if err != nil {
		return r, err
	}
	err = r.addFiles(&e.opts)
	return r, err
}

func (r *Report) addStructures(tx *ReadTx, details bool, stop func() error) (err error) {
	pages := tx.distrustful() // its walks hold little memory
	if stop != nil {
		pages = stoppable{pages: pages, stop: stop}
	}
	add := func(name string, s structureState) error {
		one := reportOf(name, s)
		if details {
			if err := one.measure(pages, s); err != nil {
				return err
			}
		}
		r.Structures = append(r.Structures, one)
		return nil
	}
	if err := add("", structureState{kind: kindTree, tree: tx.catalogView().State()}); err != nil {
		return err
	}
	for name, s := range structuresIn(tx, &err) {
		if err := add(name, s); err != nil {
			return err
		}
	}
	return err
}

// reportOf is what the state of a structure tells.
func reportOf(name string, s structureState) StructureReport {
	r := StructureReport{Name: name, Kind: s.kind.String(), Entries: s.entries()}
	switch s.kind {
	case kindTree:
		r.addTree(s.tree)
	case kindFixed:
		r.addTree(s.fixed.State)
	case kindSections:
		r.SectionPages, r.OverflowPages = s.sections.Pages, s.sections.OverflowPages
	}
	r.Bytes = int64(r.BranchPages+r.LeafPages+r.SectionPages+r.OverflowPages) * pageBytes
	return r
}

func (r *StructureReport) addTree(s btree.State) {
	r.Depth, r.BranchPages, r.LeafPages, r.OverflowPages = int(s.Depth), s.BranchPages, s.LeafPages, s.OverflowPages
}

// measure adds the details.
func (r *StructureReport) measure(pages btree.Reader, s structureState) (err error) {
	var used uint64
	switch s.kind {
	case kindTree:
		used, err = btree.Measure(btree.NewView(pages, s.tree))
	case kindFixed:
		used, err = btree.MeasureFixed(btree.NewFixedView(pages, s.fixed))
	case kindSections:
		r.Rows, err = section.Measure(section.NewView(pages, s.sections))
		used = r.Rows.RowBytes
	}
	r.UsedBytes, r.Density = int64(used), 1
	if r.Bytes > 0 {
		r.Density = float64(used) / float64(r.Bytes)
	}
	return err
}

func (r *Report) addFreeSpace(tx *ReadTx) error {
	free := freespace.View{Pages: tx, Next: tx.nextPage()}
	for range free.BitmapPages() {
		r.BitmapBytes += pageBytes
	}
	n, err := free.FreePages()
	r.FreeBytes = int64(n) * pageBytes
	return err
}

// addDataFile compares the pages that were ever used with the length of the file.
func (r *Report) addDataFile(next PageNo, filePages int64) {
	r.DataBytes = filePages * pageBytes
	r.PreallocatedBytes = max(0, filePages-int64(next)) * pageBytes
	r.BeyondBytes = max(0, int64(next)-filePages) * pageBytes
}

// addFiles lists all journals, those that are kept for reuse too, and images.
func (r *Report) addFiles(opts *Options) error {
	names, err := opts.FS.List(opts.journalDir())
	if err != nil {
		return err
	}
	r.Journals = filesOf(opts.FS, opts.journalDir(), names)
	r.Images = filesOf(opts.FS, opts.Dir, imageNames[:])
	return nil
}

// filesOf looks at those of the files that are there: some may not be, or be no more.
func filesOf(fsys vfs.FS, dir string, names []string) (list []FileReport) {
	for _, name := range names {
		if info, err := fsys.Stat(path.Join(dir, name)); err == nil {
			list = append(list, FileReport{Name: name, Bytes: info.SizeBytes})
		}
	}
	return list
}
