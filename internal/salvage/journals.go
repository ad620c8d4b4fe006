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
	last := after
	for _, ref := range inOrder(records, r.env, after) {
		if err := r.applyRecord(ref, last); err != nil {
			return err
		}
		last = r.report.Journals.LastTransaction
		if after == 0 && r.data != nil {
			last = 0 // used files have gaps, which the data file fills
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
func (r *run) applyRecord(ref recordRef, last uint64) error {
	record, err := r.records.load(ref)
	if err != nil {
		r.problem("transaction %d: %v", ref.tx, err)
		return nil
	}
	if last > 0 && ref.tx != last+1 {
		r.problem("transactions %d to %d are missing", last+1, ref.tx-1)
	}
	j := &r.report.Journals
	if j.Applied == 0 {
		j.FirstTransaction = ref.tx
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

func (r *run) problem(format string, args ...any) {
	r.report.Journals.Problems = append(r.report.Journals.Problems, fmt.Sprintf(format, args...))
}

// basePage fills dst with what the data file holds from page no on, proven or not: a page that was torn is made whole by
// its records.
func (r *run) basePage(no page.No, dst []byte) {
	clear(dst)
	if r.data == nil || no >= r.data.pages() {
		return
	}
	src, err := r.data.run(no, len(dst)/page.SizeBytes)
	if err != nil {
		return // zeros: the hash will tell
	}
	if r.opener == nil {
		copy(dst, src)
		return
	}
	if len(src) < len(dst) || r.opener.OpenPage(dst, src, no) != nil {
		clear(dst)
	}
}
