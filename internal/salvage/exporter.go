package salvage

import (
	"errors"
	"path"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// exporter writes the rows that won to two files.
type exporter struct {
	run       *run
	parser    jsondoc.Parser
	documents *dump
	deleted   *dump
}

func (e *exporter) open() (err error) {
	o := e.run.opts
	if e.documents, err = createDump(o.FS, path.Join(o.Out, DocumentsName)); err != nil {
		return err
	}
	if e.deleted, err = createDump(o.FS, path.Join(o.Out, PossiblyDeletedName)); err != nil {
		e.documents.abandon()
	}
	return err
}

// take writes a row if it has won.
func (e *exporter) take(f found) error {
	r := e.run
	if f.ordinal >= r.rows {
		return &ChangedError{Dir: r.opts.Dir}
	}
	to := e.documents
	switch r.verdicts.of(f.ordinal) {
	case superseded:
		if f.row.Kind() == docrow.DocumentKind {
			r.report.Rows.Superseded++
		}
		return nil
	case possiblyDeleted:
		to = e.deleted
	case document:
	}
	if f.row.Kind() != docrow.DocumentKind {
		return &ChangedError{Dir: r.opts.Dir}
	}
	d := docrow.Decode(f.row)
	if why := e.body(&d); why != "" {
		r.report.damagedValue(ValueDamage{ID: d.ID, Verified: true, Page: f.page, Reason: why})
		return nil
	}
	if f.use == unknown && to == e.documents {
		r.report.Rows.Uncertain++
	}
	to.add(d.AppendJSON)
	return nil
}

// body proves the body of d, and decompresses it if need be. It says what is wrong, or "".
func (e *exporter) body(d *docrow.Document) string {
	body, err := e.parser.Check(d.Data)
	if unpack := e.run.opts.Decompressor; err != nil && unpack != nil {
		var plain []byte
		if plain, err = unpack.Decompress(d.Data); err == nil {
			body, err = e.parser.Check(plain)
		}
	}
	if err != nil {
		return err.Error()
	}
	d.Data = body
	return docrow.BodyProblem(body)
}

// close ends both files.
func (e *exporter) close() error {
	err := errors.Join(e.documents.close(), e.deleted.close())
	e.run.report.Documents = e.documents.report()
	e.run.report.Deleted = e.deleted.report()
	return err
}

func (e *exporter) abandon() {
	e.documents.abandon()
	e.deleted.abandon()
}

// report says what a closed dump got.
func (d *dump) report() OutputReport {
	return OutputReport{File: path.Base(d.name), Documents: d.count, Bytes: d.bytes, FileBytes: d.fileBytes}
}
