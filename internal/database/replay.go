package database

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rookerydb/rookery/internal/database/recording"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// Replayed says what a replay did.
type Replayed struct {
	Commands     int  // run
	Transactions int  // in which they were recorded, and run again
	Skipped      int  // commands that had been refused, or that are of no kind that can be run again
	CutShort     bool // the recording ends in the middle of an entry; all before it were run
}

// Replay runs the commands of a recording, those that shared a transaction in one again. What had been refused is not tried, and
// expectations are not looked at: they held when the recording was made, and its change vectors are not those of this database. Ids
// that the other database completed are taken over. So an empty database gets equal documents.
//
// *ReplayError says how far it came; what was run before it stays.
func (db *DB) Replay(ctx context.Context, from io.Reader) (Replayed, error) {
	p := player{db: db}
	reader, err := recording.NewReader(from)
	if err != nil {
		return p.done, err
	}
	for err == nil {
		var e recording.Entry
		if e, err = reader.Next(); err == nil {
			err = p.play(ctx, e)
		}
	}
	if cut := (*recording.CutShortError)(nil); errors.As(err, &cut) {
		p.done.CutShort, err = true, io.EOF
	}
	if errors.Is(err, io.EOF) {
		err = p.flush(ctx)
	}
	if err != nil {
		err = &ReplayError{Done: p.done, Err: err}
	}
	return p.done, err
}

// player gathers the commands of one transaction.
type player struct {
	db    *DB
	batch Batch
	tx    uint64
	done  Replayed
}

// play adds the command of e, after those of another transaction were run.
func (p *player) play(ctx context.Context, e recording.Entry) error {
	if e.Tx != p.tx {
		if err := p.flush(ctx); err != nil {
			return err
		}
		p.tx = e.Tx
	}
	if !e.Committed || e.Kind == recording.Other {
		p.done.Skipped++
		return nil
	}
	cmd, err := p.db.commandOf(e.Kind, e.Fields, e.At)
	if err != nil {
		return err
	}
	p.batch.Commands = append(p.batch.Commands, cmd)
	return nil
}

func (p *player) flush(ctx context.Context) error {
	if len(p.batch.Commands) == 0 {
		return nil
	}
	if err := p.db.Do(ctx, &p.batch); err != nil {
		return err
	}
	p.done.Commands += len(p.batch.Commands)
	p.done.Transactions++
	p.batch = Batch{}
	return nil
}

// commandOf puts together what fieldsOf took apart. at is when the command was answered. It copies what it keeps.
func (db *DB) commandOf(kind recording.Kind, fields [][]byte, at time.Time) (Command, error) {
	f := fieldReader{fields: fields}
	var cmd Command
	switch kind {
	case recording.Put:
		_, id, _, separator := f.next(), string(f.next()), f.next(), f.next()
		data, err := jsondoc.Parse(f.next())
		if err != nil || len(separator) != 1 {
			return nil, &recording.DecodeError{Reason: fmt.Sprintf("a put without a document: %v", err)}
		}
		cmd = &Put{In: docstore.Put{ID: id, Expected: docstore.Any(), Data: data, Separator: separator[0]}}
	case recording.Delete:
		cmd = &Delete{ID: string(f.next())}
		f.next() // the expectation
	case recording.DeletePrefix:
		cmd = &DeletePrefix{Prefix: string(f.next())}
	case recording.Batch:
		return db.batchOf(fields, at)
	case recording.NextHiLo:
		c := &NextHiLo{In: docstore.HiLoRequest{Tag: string(f.next()), LastSize: f.number()}}
		if last := f.next(); len(last) == 8 { // as long ago as it was then: the size of the range goes by that
			ago := at.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(last))))
			c.In.LastRangeAt = db.options.Now().Add(-ago)
		}
		c.In.LastMax = f.number()
		cmd = c
	case recording.ReturnHiLo:
		cmd = &ReturnHiLo{Tag: string(f.next()), Last: f.number(), End: f.number()}
	default:
		return nil, &recording.DecodeError{Reason: "a command that cannot be run again"}
	}
	if !f.whole() {
		return nil, &recording.DecodeError{Reason: "a command with too few or too many fields"}
	}
	return cmd, nil
}

// batchOf puts a batch together. Batches have no batches in them.
func (db *DB) batchOf(fields [][]byte, at time.Time) (Command, error) {
	b := &Batch{Commands: make([]Command, 0, len(fields))}
	for _, field := range fields {
		if len(field) == 0 || recording.Kind(field[0]) == recording.Batch {
			return nil, &recording.DecodeError{Reason: "a batch with something that is no single command"}
		}
		parts, err := recording.DecodeFields(field[1:])
		if err != nil {
			return nil, err
		}
		cmd, err := db.commandOf(recording.Kind(field[0]), parts, at)
		if err != nil {
			return nil, err
		}
		b.Commands = append(b.Commands, cmd)
	}
	return b, nil
}

// fieldReader hands out fields one after the other, and remembers whether there were enough.
type fieldReader struct {
	fields [][]byte
	short  bool
}

func (f *fieldReader) next() []byte {
	if len(f.fields) == 0 {
		f.short = true
		return nil
	}
	field := f.fields[0]
	f.fields = f.fields[1:]
	return field
}

func (f *fieldReader) number() int64 {
	field := f.next()
	if len(field) != 8 {
		f.short = true
		return 0
	}
	return int64(binary.BigEndian.Uint64(field))
}

func (f *fieldReader) whole() bool { return !f.short && len(f.fields) == 0 }
