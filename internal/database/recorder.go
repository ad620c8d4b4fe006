package database

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/rookerydb/rookery/internal/database/recording"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

// recordingsName is the directory within that of the database in which recordings lie.
const recordingsName = "recordings"

// StartRecording writes every command to a new file from now on, with its outcome, until StopRecording or Close. name is a
// file name without directories: letters, digits, '.', '_' and '-'.
//
// *RecordingNameError; *RecordingStateError when something is being recorded, the file is there, or the database is encrypted: a
// recording is not.
func (db *DB) StartRecording(name string) error {
	if !isRecordingName(name) {
		return &RecordingNameError{Name: name}
	}
	if db.options.Encryption != nil {
		return &RecordingStateError{Why: "the database is encrypted, and a recording would show its documents"}
	}
	if db.recorder.Load() != nil {
		return &RecordingStateError{Why: "another recording goes on: stop it first"}
	}
	r, err := db.newRecorder(name)
	if err != nil {
		return err
	}
	if !db.recorder.CompareAndSwap(nil, r) {
		return errors.Join(&RecordingStateError{Why: "another recording goes on: stop it first"}, r.file.Close(),
			db.options.FS.Remove(r.name))
	}
	return nil
}

func isRecordingName(name string) bool {
	const others = "._-"
	for _, c := range []byte(name) {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return name != "" && len(name) <= recordingNameMax && name[0] != '.'
}

func (db *DB) newRecorder(name string) (*recorder, error) {
	dir := path.Join(db.options.Dir, recordingsName)
	if err := db.options.FS.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("make the directory of recordings: %w", diskFull(err))
	}
	r := &recorder{db: db, name: path.Join(dir, name), early: map[uint64][]byte{}}
	r.idle.L = &r.mu
	file, err := db.options.FS.Open(r.name, vfs.Write|vfs.Create|vfs.Exclusive)
	if errors.Is(err, fs.ErrExist) {
		return nil, &RecordingStateError{Why: fmt.Sprintf("there is a recording called %q", name)}
	}
	if err != nil {
		return nil, fmt.Errorf("make recording %q: %w", name, diskFull(err))
	}
	r.file = file
	r.buf = recording.AppendHeader(nil, recording.Header{DatabaseID: db.id, Started: db.options.Now()})
	return r, nil
}

// StopRecording ends the recording; when it returns nil all that was answered since its start is in the file, durably.
//
// *RecordingStateError when nothing is recorded; *RecordingStoppedError when it had ended by itself.
func (db *DB) StopRecording() error {
	r := db.recorder.Swap(nil)
	if r == nil {
		return &RecordingStateError{Why: "nothing is being recorded"}
	}
	return r.stop()
}

// stopAtClose ends a recording that was forgotten.
func (db *DB) stopAtClose() {
	if r := db.recorder.Swap(nil); r != nil {
		_ = r.stop() // it was logged
	}
}

// recorder is one recording on its way to its file. A batch enters while it has the role of the committer, so in the order of
// transactions, and leaves before it is answered, in any order.
type recorder struct {
	db   *DB
	name string
	file vfs.File

	mu      sync.Mutex // guards what follows; held while the file is written, which nothing waits for but other batches
	idle    sync.Cond  // signalled when a batch leaves; uses mu
	entered uint64     // batches so far
	left    uint64     // those of them whose entries are in buf, or in the file
	early   map[uint64][]byte
	buf     []byte // to be written at off
	off     int64
	stopped bool
	err     error // why the recording ended by itself
}

// enter returns the place of a batch; false when the recording was stopped just now.
func (r *recorder) enter() (place uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return 0, false
	}
	r.entered++
	return r.entered - 1, true
}

// leave adds the entries of the batch with the place, when all before it have left.
func (r *recorder) leave(place uint64, entries []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.early[place] = entries
	for {
		next, ok := r.early[r.left]
		if !ok {
			return
		}
		delete(r.early, r.left)
		r.left++
		r.idle.Broadcast()
		if r.err == nil {
			r.buf = append(r.buf, next...)
		}
		if len(r.buf) >= recordingBufferBytes {
			r.writeLocked()
		}
	}
}

// writeLocked hands the buffer to the operating system. When that fails the recording has ended: writing goes on without it.
func (r *recorder) writeLocked() {
	if r.err != nil {
		return
	}
	_, err := r.file.WriteAt(r.buf, r.off)
	r.off += int64(len(r.buf))
	r.buf = r.buf[:0]
	if cap(r.buf) > 4*recordingBufferBytes {
		r.buf = nil // of one huge batch
	}
	r.endLocked(err)
}

// endLocked remembers err, unless it is nil, as the end of the recording.
func (r *recorder) endLocked(err error) {
	if err == nil || r.err != nil {
		return
	}
	r.err = &RecordingStoppedError{File: r.name, Err: diskFull(err)}
	r.db.options.Logger.Warn("recording of commands stopped", "db", r.db.name, "file", r.name, "err", err)
}

// stop waits for the batches that have entered, and closes the file.
func (r *recorder) stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	for r.left < r.entered {
		r.idle.Wait()
	}
	r.writeLocked()
	if r.err == nil {
		r.endLocked(r.file.Sync())
	}
	if r.err == nil {
		r.endLocked(r.db.options.FS.SyncDir(path.Dir(r.name)))
	}
	r.endLocked(r.file.Close())
	return r.err
}

func diskFull(err error) error {
	if errors.Is(err, vfs.ErrNoSpace) {
		return &storage.DiskFullError{Err: err}
	}
	return err
}

// appendRecorded appends the entry of a command that has its outcome.
func appendRecorded(dst []byte, p *pending, at time.Time) []byte {
	e := recording.Entry{Tx: uint64(p.tx), At: at, Committed: p.err == nil}
	if p.err != nil {
		e.Fault = fault.Of(p.err)
	}
	e.Kind, e.Fields = fieldsOf(p.cmd)
	return recording.AppendEntry(dst, e)
}

// fieldsOf takes a command apart; see recording.Kind.
func fieldsOf(cmd Command) (recording.Kind, [][]byte) {
	switch c := cmd.(type) {
	case *Put:
		return recording.Put, [][]byte{
			[]byte(c.In.ID), []byte(c.Out.ID), []byte(c.In.Expected.String()), {c.In.Separator}, c.In.Data.Text(),
		}
	case *Delete:
		return recording.Delete, [][]byte{[]byte(c.ID), []byte(c.Expected.String())}
	case *DeletePrefix:
		return recording.DeletePrefix, [][]byte{[]byte(c.Prefix)}
	case *Batch:
		fields := make([][]byte, 0, len(c.Commands))
		for _, cmd := range c.Commands {
			kind, parts := fieldsOf(cmd)
			fields = append(fields, recording.AppendFields([]byte{byte(kind)}, parts))
		}
		return recording.Batch, fields
	case *NextHiLo:
		return recording.NextHiLo, [][]byte{
			[]byte(c.In.Tag), numberField(c.In.LastSize), timeField(c.In.LastRangeAt), numberField(c.In.LastMax),
		}
	case *ReturnHiLo:
		return recording.ReturnHiLo, [][]byte{[]byte(c.Tag), numberField(c.Last), numberField(c.End)}
	}
	return recording.Other, nil
}

func numberField(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func timeField(t time.Time) []byte {
	if t.IsZero() {
		return nil
	}
	return numberField(t.UnixNano())
}
