package storage

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/freespace"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// firstTx is the transaction that creating an environment counts as: its state is empty but for the free space.
const firstTx TxID = 1

// create makes an environment. The data file gets its name last and durably after all else: while it has none, there is
// no environment, and what a crash left is made anew.
func (e *Env) create() error {
	if err := e.refuseLostData(); err != nil {
		return err
	}
	invariant.Assert(e.opts.Rand != nil, "storage.Options needs Rand to create an environment")
	var id journal.EnvID
	binary.LittleEndian.PutUint64(id[:], e.opts.Rand.Uint64())
	binary.LittleEndian.PutUint64(id[8:], e.opts.Rand.Uint64())

	log, err := journal.Create(e.journalOptions(id), 0)
	if err != nil {
		return err
	}
	first := mark{tx: firstTx, end: log.End()}
	if err := log.Close(); err != nil {
		return err
	}
	data, err := firstPages(&first)
	if err != nil {
		return err
	}
	return e.createFiles(header{version: FormatVersion, env: id, mark: first}, data)
}

// refuseLostData stops when headers tell of transactions whose data file is gone: making a new one would hide the loss.
func (e *Env) refuseLostData() error {
	h, err := openHeaders(&e.opts, 0)
	if err != nil {
		if _, ok := errors.AsType[*NewerFormatError](err); ok {
			return err
		}
		return nil // what a crash left of headers, or nothing
	}
	last := h.current()
	if err := h.close(); err != nil {
		return err
	}
	if last.sequence > uint64(len(headerNames)) { // written since creating, so the environment was open once
		return &CorruptError{File: dataName, Err: fmt.Errorf("the file is missing, headers tell of transaction %d", last.tx)}
	}
	return nil
}

// createFiles writes both headers and the data file, and names them.
func (e *Env) createFiles(h header, data []byte) error {
	for i, name := range headerNames {
		h.sequence = uint64(i + 1)
		if err := vfs.WriteFileDurable(e.opts.FS, e.opts.path(name), appendHeader(nil, h)); err != nil {
			return err
		}
	}
	return vfs.WriteFileDurable(e.opts.FS, e.opts.path(dataName), data)
}

// firstPages returns the data file of an empty environment, and sets m's next page.
func firstPages(m *mark) ([]byte, error) {
	pages := seedPages{}
	space, err := freespace.Create(pages)
	if err != nil {
		return nil, err
	}
	m.nextPage = space.NextPage()
	data := make([]byte, growPagesMin*pageBytes)
	for no, p := range pages {
		page.SetTx(p, uint64(m.tx))
		page.Seal(p)
		copy(data[no*pageBytes:], p)
	}
	return data, nil
}

// seedPages are the verbs of the free space before there is an environment.
type seedPages map[PageNo][]byte

func (s seedPages) Page(no PageNo) ([]byte, error) { return s.Copy(no) }

func (s seedPages) Copy(no PageNo) ([]byte, error) {
	invariant.Assert(s[no] != nil, "page %d was not created", no)
	return s[no], nil
}

func (s seedPages) Create(no PageNo) ([]byte, error) {
	s[no] = make([]byte, pageBytes)
	return s[no], nil
}
