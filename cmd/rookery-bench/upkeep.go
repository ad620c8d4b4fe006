package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rookerydb/rookery/bench/workload"
	"github.com/rookerydb/rookery/internal/storage"
)

// OpenRead opens a read transaction and closes it again.
func (e *engine) OpenRead() error {
	tx, err := e.env.Read()
	if err != nil {
		return err
	}
	tx.Close()
	return nil
}

// DataFiles is the data file; journals are what is left to reuse.
func (e *engine) DataFiles() []string { return []string{filepath.Join(e.dir, "data")} }

// Check proves every page, every structure and every row.
func (e *engine) Check() (int64, error) {
	var problem error
	err := e.env.View(func(tx *storage.ReadTx) error {
		for p := range storage.Check(tx) {
			problem = errors.Join(problem, p)
		}
		for p := range e.rows.Check(tx) {
			problem = errors.Join(problem, p)
		}
		return problem
	})
	return int64(e.env.Stats().UsedPages) * pageBytes, err
}

const pageBytes = 8192

// Recover fills an environment whose data file gets nothing, copies its files as a power cut would leave them, and opens the copy
// to be read. Opening it to be written flushes and syncs besides, at the speed of the disk.
func (e *engine) Recover(dir string, fill func(commit func([]workload.Row) error) error) (int64, time.Duration, error) {
	before, after := filepath.Join(dir, "before"), filepath.Join(dir, "after")
	opts := options(before)
	opts.ManualFlush = true
	filled, err := open(opts)
	if err != nil {
		return 0, 0, err
	}
	err = fill(filled.Commit)
	if err == nil {
		err = os.CopyFS(after, os.DirFS(before))
	}
	if err := errors.Join(err, filled.Close()); err != nil {
		return 0, 0, fmt.Errorf("fill the journals: %w", err)
	}
	opts.Dir, opts.ReadOnly = after, true
	began := time.Now()
	again, err := open(opts)
	took := time.Since(began)
	if err != nil {
		return 0, 0, fmt.Errorf("open after the crash: %w", err)
	}
	return again.env.Stats().RecoveredBytes, took, again.Close()
}
