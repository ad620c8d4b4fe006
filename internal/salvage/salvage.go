package salvage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Names of the files that a run writes.
const (
	DocumentsName       = "documents.ravendbdump"
	PossiblyDeletedName = "possibly-deleted.ravendbdump"
	ReportName          = "report.json"
)

// Run reads the environment in o.Dir and writes what can be saved of it to o.Out, with a report.
//
// Damage is no error: it is in the report. Errors are *NothingFoundError, *BusyError, *OutputError, *ChangedError, *KeyError,
// those of o.Encryption, and of the file system when something cannot be written.
func Run(o Options) (_ *Report, err error) {
	o = o.withDefaults()
	r := &run{opts: o, started: o.Now(), report: newReport(o)}
	defer func() { err = errors.Join(err, r.close()) }()
	steps := []func() error{
		r.openSource, r.prepareOutput, r.readHeaders, r.applyJournals, r.survey, r.export, r.writeReport,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.report, nil
}

func newReport(o Options) *Report {
	return &Report{
		Source: o.Dir, Output: o.Out, DataBytes: -1,
		Pages: PageReport{Sound: map[string]int64{}},
	}
}

// run is one run of Run.
type run struct {
	opts    Options
	started time.Time
	report  *Report

	lock    io.Closer
	data    *blockFile
	records *recordFiles
	alone   bool // o.Dir is a data file without an environment around it

	header  *header
	env     [16]byte
	overlay *overlay
	opener  Opener
	images  *images // nil unless encrypted
	next    page.No // lowest page that was never in use; 0: not known
	certain uint64  // see scan
	gaps    []gap   // in the records that were applied

	ledger   *ledger
	verdicts verdicts
	rows     int64

	doneBytes, totalBytes int64
}

// openSource opens what there is of the environment.
func (r *run) openSource() error {
	info, err := r.opts.FS.Stat(r.opts.Dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", r.opts.Dir, err)
	}
	dataPath := path.Join(r.opts.Dir, dataName)
	if !info.IsDir {
		r.alone, dataPath = true, r.opts.Dir
	} else if err := r.lookAround(); err != nil {
		return err
	}
	r.data, err = openBlocks(r.opts.FS, dataPath)
	switch {
	case err == nil:
		r.report.DataBytes = r.data.sizeBytes
	case errors.Is(err, fs.ErrNotExist):
		r.report.note("there is no data file: only what the journals hold can be found")
	default:
		r.report.note("the data file cannot be opened: %v", err)
	}
	return nil
}

// lookAround makes sure that the directory is that of an environment which nobody has open.
func (r *run) lookAround() error {
	names, err := r.opts.FS.List(r.opts.Dir)
	if err != nil {
		return fmt.Errorf("list %s: %w", r.opts.Dir, err)
	}
	if !IsEnvironment(names) {
		return &NothingFoundError{Dir: r.opts.Dir}
	}
	if slices.Contains(names, swapName) {
		r.report.note("a compaction was about to end: %s is an environment too, perhaps the newer one; it can be salvaged by itself", path.Join(r.opts.Dir, compactName))
	}
	if !slices.Contains(names, lockName) {
		return nil // made by whoever opens; salvage makes nothing here
	}
	r.lock, err = r.opts.FS.Lock(path.Join(r.opts.Dir, lockName))
	if _, locked := errors.AsType[*vfs.LockedError](err); locked {
		return &BusyError{Dir: r.opts.Dir}
	}
	if err != nil {
		r.report.note("whether a server has the files open could not be found out: %v", err)
	}
	return nil
}

// IsEnvironment says whether names are those in the directory of an environment, or of what is left of one.
func IsEnvironment(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return name == dataName || name == journalsDir || slices.Contains(headerNames[:], name)
	})
}

// prepareOutput makes the output directory. It refuses one with files in it, and one inside of the source.
func (r *run) prepareOutput() error {
	out, dir := path.Clean(r.opts.Out), path.Clean(r.opts.Dir)
	if !r.alone && (out == dir || strings.HasPrefix(out, dir+"/")) {
		return &OutputError{Dir: r.opts.Out, Why: "it lies in the directory that is read, where nothing is written"}
	}
	if err := r.opts.FS.MkdirAll(out); err != nil {
		return fmt.Errorf("make output directory: %w", err)
	}
	names, err := r.opts.FS.List(out)
	if err != nil {
		return fmt.Errorf("list output directory: %w", err)
	}
	if len(names) > 0 && !r.opts.Force {
		return &OutputError{Dir: r.opts.Out, Why: "it is not empty; --force writes there all the same"}
	}
	return nil
}

func (r *run) readHeaders() error {
	if r.alone {
		r.report.note("a data file alone: nothing tells how far it is complete")
		return nil
	}
	r.header, r.report.Headers = readHeaders(r.opts.FS, r.opts.Dir)
	if r.header == nil {
		r.report.note("no header is valid: nothing tells how far the data file is complete")
		return nil
	}
	r.env, r.next = r.header.env, r.header.nextPage
	return nil
}

// openPages gets the keys, if the pages are encrypted.
func (r *run) openPages() (err error) {
	encrypted := r.opts.Encryption != nil
	if r.header != nil && r.header.encrypted != encrypted {
		if encrypted {
			return &KeyError{Dir: r.opts.Dir, Why: "it is not encrypted: leave the key out"}
		}
		return &KeyError{Dir: r.opts.Dir, Why: "it is encrypted: its key is needed"}
	}
	if !encrypted {
		return nil
	}
	r.images = openImages(r.opts.FS, r.opts.Dir, r.env)
	r.opener, err = r.opts.Encryption(r.env)
	return err
}

// newScan returns a walk over all pages that notes what it sees in report.
func (r *run) newScan(report *Report, found func(found) error) *scan {
	before := r.doneBytes
	return &scan{
		data: r.data, overlay: r.overlay, opener: r.opener, images: r.images, synced: r.synced(), report: report, next: r.next, certain: r.certain, found: found, runs: newRunLedger(),
		tell: func(done int64) {
			r.doneBytes = before + min(done, max(0, r.report.DataBytes))
			r.opts.Progress(r.doneBytes, r.totalBytes)
		},
	}
}

// synced is the transaction up to which the data file surely holds everything; the greatest there is when nothing tells.
func (r *run) synced() uint64 {
	if r.header == nil {
		return math.MaxUint64
	}
	return r.header.tx
}

// survey is the first walk: what there is, what is damaged, and which version of each id wins.
func (r *run) survey() error {
	r.ledger = &ledger{max: r.opts.LedgerRowsMax, temp: tempFile{fs: r.opts.FS, name: path.Join(r.opts.Out, "rows.tmp")}}
	s := r.newScan(r.report, r.ledger.add)
	if err := s.run(); err != nil {
		return err
	}
	s.runs.settle(r.report)
	if r.opener != nil && r.data != nil && len(r.report.Pages.Sound) == 0 {
		return &KeyError{Dir: r.opts.Dir, Why: "no page opens with the key: it is another one, or nothing tells the environment's id any more"}
	}
	r.noteGaps(s.fileTx)
	r.noteLostEnd(s.newestTx)
	r.report.Pages.Total = int64(max(s.next, r.overlay.end()))
	if r.data != nil {
		r.report.Pages.Total = max(r.report.Pages.Total, (r.data.sizeBytes+page.SizeBytes-1)/page.SizeBytes)
	}
	r.rows = s.ordinal
	var err error
	r.verdicts, err = r.ledger.settle(r.rows)
	return err
}

// noteLostEnd says so when pages were written by transactions that come after everything that headers and journals tell of.
func (r *run) noteLostEnd(newestTx uint64) {
	known := r.report.Journals.LastTransaction
	if r.header != nil {
		known = max(known, r.header.tx)
	}
	if known > 0 && newestTx > known && !r.opts.IgnoreJournals {
		r.problem("the end is missing: there are pages of transaction %d, the journals end with %d", newestTx, known)
	}
}

// export is the second walk: it writes the versions that won.
func (r *run) export() (err error) {
	e := &exporter{run: r}
	if err := e.open(); err != nil {
		return err
	}
	s := r.newScan(newReport(r.opts), e.take)
	if err := s.run(); err != nil {
		e.abandon()
		return err
	}
	if s.ordinal != r.rows {
		e.abandon()
		return &ChangedError{Dir: r.opts.Dir}
	}
	return e.close()
}

func (r *run) writeReport() error {
	elapsed := r.opts.Now().Sub(r.started).Seconds()
	r.report.ElapsedSeconds, r.report.ReadBytes = elapsed, r.doneBytes
	if elapsed > 0 {
		r.report.MegabytesPerSecond = float64(max(0, r.report.DataBytes)) / 1e6 / elapsed
	}
	text, err := json.MarshalIndent(r.report, "", "  ")
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return vfs.WriteFileDurable(r.opts.FS, path.Join(r.opts.Out, ReportName), append(text, '\n'))
}

// close closes and removes whatever was opened and made on the way.
func (r *run) close() error {
	var err error
	if r.ledger != nil {
		err = errors.Join(err, r.ledger.close())
	}
	if r.overlay != nil {
		err = errors.Join(err, r.overlay.close())
	}
	if r.records != nil {
		err = errors.Join(err, r.records.close())
	}
	if r.images != nil {
		err = errors.Join(err, r.images.close())
	}
	if r.data != nil {
		err = errors.Join(err, r.data.close())
	}
	if closer, ok := r.opener.(io.Closer); ok {
		err = errors.Join(err, closer.Close())
	}
	if r.lock != nil {
		err = errors.Join(err, r.lock.Close())
	}
	return err
}
