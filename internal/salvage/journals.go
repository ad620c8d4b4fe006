package salvage

import (
	"errors"
	"fmt"
	"path"

	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// applyJournals puts the pages that journals hold over those of the data file.
//
// With a header and a whole data file, the transactions after the header are enough. Without, all records are applied that
// can be found, those in used files too: what they say of a page is proven by its hash, and a newer version in the data
// file is preferred.
func (r *run) applyJournals() error {
	r.overlay = &overlay{
		base: r.basePage, versions: map[page.No]*version{}, max: r.opts.OverlayBytesMax,
		temp: tempFile{fs: r.opts.FS, name: path.Join(r.opts.Out, "pages.tmp")},
	}
	r.totalBytes = 2 * max(0, r.report.DataBytes)
	if r.alone {
		return r.openPages()
	}
	records := r.findRecords()
	after := r.chooseRecords(records)
	if err := r.openPages(); err != nil {
		return err
	}
	if r.opts.IgnoreJournals {
		r.report.Journals.Ignored = true
		return nil
	}
	for _, ref := range inOrder(records, r.env, after) {
		if err := r.applyRecord(ref, after); err != nil {
			return err
		}
	}
	r.overlay.finish()
	r.report.Journals.Pages = len(r.overlay.versions)
	return nil
}

// findRecords reads all journals.
func (r *run) findRecords() (all []recordRef) {
	var err error
	if r.records, err = listRecordFiles(r.opts.FS, path.Join(r.opts.Dir, journalsDir)); err != nil {
		r.problem("%v", err)
		r.records = &recordFiles{fs: r.opts.FS, at: -1}
	}
	r.report.Journals.Files = len(r.records.names)
	for i, name := range r.records.names {
		found, read, err := r.records.scan(i)
		if err != nil {
			r.problem("journal %s cannot be read: %v", name, err)
		}
		all = append(all, found...)
		r.doneBytes += read
		r.totalBytes += read
		r.opts.Progress(r.doneBytes, r.totalBytes)
	}
	r.report.Journals.Records = len(all)
	return all
}

// chooseRecords settles whose records are applied, and after which transaction.
func (r *run) chooseRecords(records []recordRef) (after uint64) {
	if r.header == nil {
		env, others := choose(records)
		r.env = env
		if others > 0 {
			r.problem("%d records are of other environments than the one with most of them", others)
		}
		return 0
	}
	whole := r.data != nil && r.data.pages() >= r.header.nextPage
	if whole {
		return r.header.tx
	}
	return 0
}

// applyRecord applies one record. One that cannot be read any more, or makes no sense, is passed over.
func (r *run) applyRecord(ref recordRef, after uint64) error {
	record, err := r.records.load(ref, r.opener)
	if err != nil {
		r.problem("transaction %d: %v", ref.tx, err)
		return nil
	}
	j := &r.report.Journals
	last := j.LastTransaction
	if j.Applied == 0 {
		j.FirstTransaction, last = ref.tx, after
	}
	if ref.tx != last+1 {
		r.gaps, r.certain = append(r.gaps, gap{first: last + 1, last: ref.tx - 1}), ref.tx-1
	}
	j.LastTransaction = ref.tx
	j.Applied++
	r.next = max(r.next, page.No(ref.nextPage))
	err = r.overlay.apply(record)
	if _, senseless := errors.AsType[*journal.DecodeError](err); senseless {
		r.problem("transaction %d: %v", ref.tx, err)
		return nil
	}
	return err
}

// gap is transactions of which no record is left.
type gap struct{ first, last uint64 }

// noteGaps reports the missing transactions that matter: those after the header, or without a header those that the data
// file knows nothing of. Used files have gaps in any case.
func (r *run) noteGaps(fileTx uint64) {
	known := fileTx
	if r.header != nil {
		known = r.header.tx
	}
	for _, g := range r.gaps {
		if g.last > known {
			r.problem("transactions %d to %d are missing", max(g.first, known+1), g.last)
		}
	}
}

func (r *run) problem(format string, args ...any) {
	r.report.Journals.Problems = append(r.report.Journals.Problems, fmt.Sprintf(format, args...))
}

// basePage is the overlay's way to the data file.
func (r *run) basePage(no page.No, dst []byte) (sound bool) {
	clear(dst)
	if r.data == nil || no >= r.data.pages() {
		return false
	}
	src, err := r.data.run(no, len(dst)/page.SizeBytes)
	fits := err == nil && len(src) == len(dst) && page.RunLen(src)*page.SizeBytes == len(dst)
	if r.opener != nil {
		if sound = fits && r.opener.OpenPage(dst, src, no) == nil; !sound {
			clear(dst)
			_, sound = r.images.open(r.opener, dst, no)
		}
		return sound
	}
	copy(dst, src)
	return fits && page.Verify(dst, no) == nil
}
