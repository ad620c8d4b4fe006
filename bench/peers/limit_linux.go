package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"unsafe"

	"github.com/rookerydb/rookery/bench/workload"
)

// limitEngine is what no engine can pass on this machine: one durable append of the rows to a file whose blocks were written
// before, and a map. It can neither recover nor go on past the end of its file, where it begins again.
type limitEngine struct {
	journal *os.File
	off     int64
	buffer  []byte // aligned to limitBlock, as the write goes around the page cache

	mu   sync.RWMutex // guards rows
	rows map[string][]byte
}

const (
	limitBlock        = 4096
	limitJournalBytes = 512 << 20
	limitBufferBytes  = 4 << 20
)

func openLimit(dir string) (workload.Engine, error) {
	name := filepath.Join(dir, "journal")
	if err := writeZeros(name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|syscall.O_DIRECT|syscall.O_DSYNC, 0)
	if err != nil {
		return nil, err
	}
	return &limitEngine{journal: f, buffer: alignedBuffer(limitBufferBytes), rows: map[string][]byte{}}, nil
}

func (e *limitEngine) Commit(rows []workload.Row) error {
	record := e.buffer[:0]
	for _, row := range rows {
		record = append(append(record, row.Key...), row.Value...)
	}
	size := (len(record) + limitBlock - 1) / limitBlock * limitBlock
	if size > limitBufferBytes {
		return fmt.Errorf("%d bytes in one commit: the limit's buffer has %d", size, limitBufferBytes)
	}
	if e.off+int64(size) > limitJournalBytes {
		e.off = 0
	}
	if _, err := e.journal.WriteAt(e.buffer[:size], e.off); err != nil {
		return err
	}
	e.off += int64(size)

	e.mu.Lock()
	defer e.mu.Unlock()
	for _, row := range rows {
		e.rows[string(row.Key)] = append([]byte(nil), row.Value...)
	}
	return nil
}

func (e *limitEngine) Get(key []byte, found func(value []byte)) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	found(e.rows[string(key)])
	return nil
}

// Scan visits the rows in the order of the map: there is no other.
func (e *limitEngine) Scan(each func(key, value []byte)) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var buffer [32]byte
	for key, value := range e.rows {
		each(buffer[:copy(buffer[:], key)], value)
	}
	return nil
}

// Settle has nothing to do: nothing is ever written back.
func (e *limitEngine) Settle() error { return nil }

func (e *limitEngine) Close() error { return e.journal.Close() }

// writeZeros writes the journal once, so that later writes change no block map.
func writeZeros(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	zeros := make([]byte, 1<<20)
	for range limitJournalBytes / len(zeros) {
		if _, err := f.Write(zeros); err != nil {
			return err
		}
	}
	return f.Sync()
}

// alignedBuffer returns size bytes that begin at a multiple of limitBlock in memory.
func alignedBuffer(size int) []byte {
	b := make([]byte, size+limitBlock)
	skip := limitBlock - int(uintptr(unsafe.Pointer(&b[0]))%limitBlock)
	return b[skip : skip+size]
}
