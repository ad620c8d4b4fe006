package journal

import (
	"errors"
	"fmt"
	"path"

	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Position is a place in the journals of one environment.
type Position struct {
	Journal uint64 // number of the file, from 1
	Off     int64  // bytes from its start
}

// Options says how a log is kept.
type Options struct {
	FS  vfs.FS
	Dir string // exists
	Env EnvID

	BytesMin, BytesMax int64  // size of the first file; largest size that doubling reaches. Multiples of BlockBytes.
	CompressAbove      int    // bytes of payload from which on it is compressed
	IgnoreInvalid      bool   // Replay ends at the first invalid record whatever follows it
	Cipher             Cipher // nil for records in clear
}

// Log appends records. Append belongs to the writer; Prepare, Retire and Stats may be called beside it.
type Log struct {
	opts Options
	pool *pool

	// Only Append uses these.
	current vfs.File
	number  uint64
	size    int64 // of current
	off     int64 // where the next record goes
	prev    uint64
	buf     []byte // aligned
}

// Appended says where a record went.
type Appended struct {
	End   Position // behind it
	Hash  uint64
	Bytes int // written, with padding
}

// Create begins a log in a new file with a number above all files there; prev is the hash that its first record names.
//
// Files that are there stay for Retire; spares are taken over. *vfs.ErrNoSpace is passed on.
func Create(opts Options, prev uint64) (*Log, error) {
	p, err := newPool(opts)
	if err != nil {
		return nil, err
	}
	l := &Log{opts: opts, pool: p, prev: prev}
	if err := l.rotate(0); err != nil {
		return nil, err
	}
	return l, nil
}

// End is where the next record goes, as far as is known before its size is.
func (l *Log) End() Position { return Position{Journal: l.number, Off: l.off} }

// Append writes one record with the changes in payload and returns when it is durable. It sets Journal, Prev and Hash.
//
// On vfs.ErrNoSpace from making a new file nothing was written, and Append may be called again. After any other error
// it is unknown what the disk holds: *WriteError; the log must not be used again.
func (l *Log) Append(h Header, payload []byte) (Appended, error) {
	if len(payload) > PayloadBytesMax {
		return Appended{}, &TooLargeError{Bytes: len(payload)}
	}
	l.buf = growAligned(l.buf[:0], recordBytesMax(len(payload), l.opts.CompressAbove))
	record := l.buf[:cap(l.buf)]
	stored, flags := putPayload(record[HeaderBytes:], payload, l.opts.CompressAbove)
	record = record[:paddedBytes(HeaderBytes+stored)]
	if l.off+int64(len(record)) > l.size {
		if err := l.rotate(int64(len(record))); err != nil {
			return Appended{}, err
		}
	}
	h.Env, h.Journal, h.Prev = l.opts.Env, l.number, l.prev
	hash, err := seal(record, h, body{stored: stored, raw: len(payload), flags: flags}, l.opts.Cipher)
	if err != nil {
		return Appended{}, err
	}
	if planted.Is(planted.LoseRecord) && h.Tx%16 == 9 {
		clear(record)
	}
	if _, err := l.current.WriteAt(record, l.off); err != nil {
		return Appended{}, &WriteError{At: l.End(), Err: err}
	}
	l.off += int64(len(record))
	l.prev = hash
	if l.opts.Cipher != nil {
		clear(l.buf[len(record):cap(l.buf)]) // what compressing left there
	}
	if cap(l.buf) > bufferKeepBytesMax {
		l.buf = nil
	}
	return Appended{End: l.End(), Hash: hash, Bytes: len(record)}, nil
}

// rotate moves to the next file, which must hold need bytes at least. On error the current file stays.
func (l *Log) rotate(need int64) error {
	next, err := l.pool.take(need)
	if err != nil {
		return err
	}
	if l.current != nil {
		err = l.current.Close()
	}
	l.current, l.number, l.size, l.off = next.handle, next.Number, next.SizeBytes, 0
	if err != nil {
		return &WriteError{At: l.End(), Err: fmt.Errorf("close the journal before: %w", err)}
	}
	return nil
}

// Prepare makes the next file when there is none. Call it beside the writer after an Append; cheap when nothing is to do.
func (l *Log) Prepare() error { return l.pool.prepare() }

// Retire turns files with numbers below before into spares, or removes them. One call at a time.
func (l *Log) Retire(before uint64) error { return l.pool.retire(before) }

// Close closes the files. Nothing else may run.
func (l *Log) Close() error {
	return errors.Join(l.current.Close(), l.pool.close())
}

// WriteError reports that a record could not be written; it is unknown what of it the disk holds.
type WriteError struct {
	At  Position
	Err error
}

func (e *WriteError) Error() string {
	return fmt.Sprintf("write journal %d at byte %d: %v", e.At.Journal, e.At.Off, e.Err)
}

func (e *WriteError) Unwrap() error { return e.Err }

func (o *Options) path(name string) string { return path.Join(o.Dir, name) }

// WantsNext says whether Prepare has something to do.
func (l *Log) WantsNext() bool { return l.pool.wantsNext.Load() }
