package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Start is what a header remembers of the log: everything up to transaction Tx is in the data file.
type Start struct {
	Position        // of the record after Tx
	Tx       uint64 // the last transaction that the data file holds
	Hash     uint64 // of its record
}

// End says where a replay ended.
type End struct {
	Start                    // behind the last record that was applied
	Records    int           // applied
	Bytes      int64         // of the records applied
	TxSeen     uint64        // the newest transaction of any valid record, applied or not
	Ignored    *CorruptError // what Options.IgnoreInvalid let pass, else nil
	LastNumber uint64        // the highest file number there
}

// Replay gives each valid record from from on to apply, in order, and returns where the log ends.
//
// The log ends at the first record that is not the valid successor of the one before, neither there nor at the start of
// the next file, provided no valid record of a later transaction follows anywhere: else *CorruptError. A record that
// was being written when the power failed ends the log. Records lie in a buffer that is reused: apply copies. It is called from
// one goroutine at a time, not always the same one, and after Replay returned no more.
func Replay(opts Options, from Start, apply func(Record) error) (End, error) {
	found, err := list(opts.FS, opts.Dir)
	if err != nil {
		return End{}, err
	}
	r := &replay{opts: opts, files: found.journals, end: End{Start: from, TxSeen: from.Tx}}
	r.decode[0].Cipher, r.decode[1].Cipher = opts.Cipher, opts.Cipher
	if n := len(r.files); n > 0 {
		r.end.LastNumber = r.files[n-1].Number
	}
	defer r.window.close()
	defer r.wipe()
	if err := r.run(apply); err != nil {
		return End{}, err
	}
	return r.end, nil
}

// replay is one walk over the files.
type replay struct {
	opts   Options
	files  []file
	window window
	decode [2]Decoder // the next record is read while the last one is applied
	turn   int        // of the next record's
	end    End
}

func (r *replay) wipe() {
	for i := range r.decode {
		r.decode[i].Wipe()
	}
}

func (r *replay) run(apply func(Record) error) error {
	if !r.has(r.end.Journal) {
		if err := r.corrupt("the file is missing"); err != nil {
			return err
		}
		return r.checkEnd() // to see the newest transaction
	}
	applied := finished
	for {
		record, ok, err := r.successor()
		if failed := applied(); failed != nil {
			return failed // it comes before what follows that record
		}
		if err != nil {
			return err
		}
		if !ok {
			return r.checkEnd()
		}
		applied = r.apply(record, apply)
		r.end.Off += int64(record.Bytes)
		r.end.Tx, r.end.Hash = record.Tx, record.Hash
		r.end.TxSeen = max(r.end.TxSeen, record.Tx)
		r.end.Records++
		r.end.Bytes += int64(record.Bytes)
	}
}

func finished() error { return nil }

// apply applies record while the next one is read, which halves the time of a recovery where another processor has nothing to do;
// the result waits for the end of it. With a cipher it does not: nobody else may use that meanwhile.
func (r *replay) apply(record Record, apply func(Record) error) (wait func() error) {
	run := func() error {
		if err := apply(record); err != nil {
			return fmt.Errorf("apply transaction %d: %w", record.Tx, err)
		}
		return nil
	}
	if r.opts.Cipher != nil {
		err := run()
		return func() error { return err }
	}
	r.decode[r.turn].keep(&record)
	r.turn = 1 - r.turn
	done := make(chan error, 1)
	go func() { done <- run() }()
	return func() error { return <-done }
}

// successor returns the valid record that follows the last one: behind it, or at the start of a later file. Files that
// never held a record, such as one too small for a large record, are passed over.
func (r *replay) successor() (Record, bool, error) {
	record, ok, err := r.at(r.end.Position)
	if err != nil || (ok && r.follows(record)) {
		return record, ok, err
	}
	for _, f := range r.files[r.after(r.end.Journal):] {
		first := Position{Journal: f.Number}
		record, ok, err = r.at(first)
		if err != nil {
			return Record{}, false, err
		}
		if ok && r.follows(record) {
			r.end.Position = first
			return record, true, nil
		}
	}
	return Record{}, false, nil
}

func (r *replay) follows(next Record) bool {
	return next.Tx == r.end.Tx+1 && next.Prev == r.end.Hash
}

// at reads the record at p; false when no valid record of this environment and file is there.
func (r *replay) at(p Position) (Record, bool, error) {
	if err := r.window.open(&r.opts, p.Journal); err != nil {
		return Record{}, false, err
	}
	head, err := r.window.bytes(p.Off, BlockBytes)
	if err != nil || !r.ours(head, p.Journal) {
		return Record{}, false, err
	}
	stored, err := storedBytes(head)
	if err != nil || p.Off+int64(paddedBytes(HeaderBytes+stored)) > r.window.size {
		return Record{}, false, nil
	}
	whole, err := r.window.bytes(p.Off, paddedBytes(HeaderBytes+stored))
	if err != nil {
		return Record{}, false, err
	}
	record, err := r.decode[r.turn].Decode(whole)
	return record, err == nil, nil
}

// ours is the cheap part of the check: what begins here claims to be a record of this environment and file.
func (r *replay) ours(head []byte, number uint64) bool {
	return len(head) >= HeaderBytes && binary.LittleEndian.Uint64(head) == magic &&
		EnvID(head[envOff:envOff+16]) == r.opts.Env && binary.LittleEndian.Uint64(head[journalOff:]) == number
}

// checkEnd looks for valid records of later transactions anywhere behind the end.
func (r *replay) checkEnd() error {
	if planted.Is(planted.AcceptGap) {
		return nil
	}
	off := r.end.Off
	for i := r.after(r.end.Journal - 1); i < len(r.files); i++ {
		if r.files[i].Number != r.end.Journal {
			off = 0
		}
		later, found, err := r.scan(Position{Journal: r.files[i].Number, Off: off})
		if err != nil {
			return err
		}
		if found {
			err = r.corrupt(fmt.Sprintf("no valid record, but transaction %d follows in journal %d", later, r.files[i].Number))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// scan looks for a valid record of a later transaction from p to the end of its file.
//
// With IgnoreInvalid it goes on, to see the newest transaction.
func (r *replay) scan(p Position) (tx uint64, found bool, err error) {
	if err := r.window.open(&r.opts, p.Journal); err != nil {
		return 0, false, err
	}
	for ; p.Off < r.window.size; p.Off += BlockBytes {
		record, ok, err := r.at(p)
		if err != nil {
			return 0, false, err
		}
		if ok && record.Tx > r.end.Tx {
			r.end.TxSeen = max(r.end.TxSeen, record.Tx)
			tx, found = record.Tx, true
			if !r.opts.IgnoreInvalid {
				break
			}
		}
	}
	return tx, found, nil
}

// corrupt is the error, or nil when it is to be ignored.
func (r *replay) corrupt(reason string) error {
	e := &CorruptError{At: r.end.Position, Reason: reason}
	if !r.opts.IgnoreInvalid {
		return e
	}
	if r.end.Ignored == nil {
		r.end.Ignored = e
	}
	return nil
}

func (r *replay) has(number uint64) bool {
	i := r.after(number - 1)
	return i < len(r.files) && r.files[i].Number == number
}

// after returns the index of the first file above number.
func (r *replay) after(number uint64) int {
	i, _ := slices.BinarySearchFunc(r.files, number+1, func(f file, n uint64) int {
		switch {
		case f.Number < n:
			return -1
		case f.Number > n:
			return 1
		}
		return 0
	})
	return i
}

// window reads one file through a buffer.
type window struct {
	handle vfs.File
	number uint64
	size   int64 // of the file, whole blocks
	buf    []byte
	start  int64 // of buf in the file
}

// windowBytes is read at once.
const windowBytes = 1 << 20

func (w *window) open(opts *Options, number uint64) error {
	if w.handle != nil && w.number == number {
		return nil
	}
	w.close()
	handle, err := opts.FS.Open(opts.path(fileName(number)), 0)
	if err != nil {
		return fmt.Errorf("open journal %d: %w", number, err)
	}
	size, err := handle.Size()
	if err != nil {
		_ = handle.Close() // opened to read only
		return fmt.Errorf("look at journal %d: %w", number, err)
	}
	w.handle, w.number, w.size = handle, number, size&^(BlockBytes-1)
	w.buf = w.buf[:0]
	return nil
}

// bytes returns n bytes at off, fewer at the end of the file. They are valid until the next call.
func (w *window) bytes(off int64, n int) ([]byte, error) {
	if off >= w.size {
		return nil, nil
	}
	n = int(min(int64(n), w.size-off))
	if off < w.start || off+int64(n) > w.start+int64(len(w.buf)) {
		if err := w.read(off, n); err != nil {
			return nil, err
		}
	}
	at := int(off - w.start)
	return w.buf[at : at+n], nil
}

func (w *window) read(off int64, n int) error {
	want := int(min(int64(max(n, windowBytes)), w.size-off))
	if cap(w.buf) < want {
		w.buf = make([]byte, want)
	}
	w.buf, w.start = w.buf[:want], off
	if _, err := w.handle.ReadAt(w.buf, off); err != nil && !errors.Is(err, io.EOF) {
		w.buf = w.buf[:0]
		return fmt.Errorf("read journal %d: %w", w.number, err)
	}
	return nil
}

func (w *window) close() {
	if w.handle != nil {
		_ = w.handle.Close() // opened to read only
		w.handle = nil
	}
}
