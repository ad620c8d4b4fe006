package storage

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/crypt"
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
	h := header{version: plainVersion, env: id, mark: first}
	if e.opts.Encryption != nil {
		h.version, h.algorithm = FormatVersion, cmp.Or(e.opts.Encryption.Algorithm, crypt.Preferred())
		e.vault = newVault(e.opts.Encryption, h.algorithm, id)
	}
	data, err := e.firstPages(&h.mark)
	if err != nil {
		return err
	}
	return e.createFiles(h, data)
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
		if err := vfs.WriteFileDurable(e.opts.FS, e.opts.path(name), appendSigned(nil, h, e.vault)); err != nil {
			return err
		}
	}
	return vfs.WriteFileDurable(e.opts.FS, e.opts.path(dataName), data)
}

// firstPages returns the data file of an empty environment, and sets m's next page.
func (e *Env) firstPages(m *mark) ([]byte, error) {
	pages := seedPages{}
	space, err := freespace.Create(pages)
	if err != nil {
		return nil, err
	}
	m.nextPage = space.NextPage()
	data := make([]byte, growPagesMin*pageBytes)
	for no, p := range pages {
		page.SetTx(p, uint64(m.tx))
		if err := e.sealFirst(p); err != nil {
			return nil, err
		}
		copy(data[no*pageBytes:], p)
	}
	return data, nil
}

// sealFirst seals a page of a new environment.
func (e *Env) sealFirst(p []byte) error {
	if e.vault == nil {
		page.Seal(p)
		return nil
	}
	nonce, err := e.vault.Nonce()
	if err != nil {
		return err
	}
	defer e.vault.close()
	e.vault.open().SealPage(p, nonce)
	return nil
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
