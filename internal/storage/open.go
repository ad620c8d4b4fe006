package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Open opens the environment in Options.Dir, and creates it when there is none.
//
// Everything that a Commit confirmed is there. What an interrupted compaction left is finished or removed first; see
// Compaction. Errors: *vfs.LockedError when it is open elsewhere; *NewerFormatError; *CorruptError when headers, journals or
// pages of the last transactions are damaged; *DiskFullError; *SwapPendingError. Nothing stays open.
func Open(opts Options) (*Env, error) {
	opts = opts.withDefaults()
	if !opts.ReadOnly {
		if err := opts.FS.MkdirAll(opts.journalDir()); err != nil {
			return nil, fmt.Errorf("make directory of environment: %w", err)
		}
	}
	lock, err := opts.FS.Lock(opts.path(lockName))
	if err != nil {
		return nil, fmt.Errorf("open environment %q: %w", opts.Dir, err)
	}
	return openLocked(opts, lock)
}

// openLocked is Open with the lock held. It belongs to the environment from here on, also when opening fails.
func openLocked(opts Options, lock io.Closer) (*Env, error) {
	e := &Env{opts: opts, lock: lock, io: iometrics.New(iometrics.Options{Now: opts.Now, SlowAfter: opts.SlowIOAfter})}
	if !opts.unrecorded {
		e.opts.FS = newMeteredFS(&opts, e.io)
	}
	e.startWatchdog()
	e.pool.bytesMax = opts.PoolBytesMax
	e.chain.pool, e.chain.now = &e.pool, opts.Now
	e.readers.New = func() any { return &ReadTx{env: e, frames: frames{from: &e.frameSource}} }
	e.frameSource = frameSource{
		memory: &heapMemory{}, bytesMax: opts.TxPageBytesMax, cachedBytes: opts.TxCacheBytes, counts: &e.counts,
	}
	if opts.Encryption != nil {
		e.memory = secretMemory{opts.Encryption.Memory}
		e.pool.secret = e.memory
	}
	if err := e.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("open environment %q: %w", opts.Dir, asDiskFull(err)), e.abandon())
	}
	e.startBackground()
	return e, nil
}

// open does the steps of opening; abandon undoes those that were done.
func (e *Env) open() error {
	if err := settleSwap(&e.opts); err != nil {
		return err
	}
	exists, err := e.exists()
	if err != nil {
		return err
	}
	if !exists {
		if err := e.create(); err != nil {
			return fmt.Errorf("create: %w", err)
		}
	}
	if err := e.openFiles(); err != nil {
		return err
	}
	return e.recover()
}

// exists says whether the data file is there: creating names it last.
func (e *Env) exists() (bool, error) {
	_, err := e.opts.FS.Stat(e.opts.path(dataName))
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) || e.opts.ReadOnly {
		return false, err
	}
	return false, nil
}

// openFiles opens headers and data file.
func (e *Env) openFiles() (err error) {
	headerMode, dataMode := vfs.Write|vfs.Create, vfs.Write
	if e.opts.ReadOnly {
		headerMode, dataMode = 0, 0
	}
	if e.headers, err = openHeaders(&e.opts, headerMode); err != nil {
		return err
	}
	h := e.headers.current()
	e.id = h.env
	if err := e.unlock(h); err != nil {
		return err
	}
	e.flushed.Store(&h.mark)
	e.synced.Store(&h.mark)
	file, err := e.opts.FS.Open(e.opts.path(dataName), dataMode)
	if err != nil {
		return err
	}
	if e.data, err = openDataFile(file, h.nextPage, !e.opts.NoMapping); err != nil {
		return errors.Join(err, file.Close())
	}
	if e.vault != nil {
		if err := e.openCrypto(); err != nil {
			return err
		}
	}
	e.counts.dataPages.Store(e.data.pages)
	return nil
}

// unlock readies the keys for what the header says, and has it prove that they are the right ones.
func (e *Env) unlock(h header) error {
	given := e.opts.Encryption
	switch {
	case h.algorithm == 0 && given == nil:
		return nil
	case h.algorithm == 0:
		return &KeyError{Dir: e.opts.Dir, Reason: "a key was given, but the environment is not encrypted"}
	case given == nil:
		return &KeyError{Dir: e.opts.Dir, Reason: "the environment is encrypted, and no key was given"}
	case !h.algorithm.Known():
		return &NewerFormatError{Dir: e.opts.Dir, Found: h.version, Readable: FormatVersion}
	}
	e.vault = newVault(given, h.algorithm, h.env)
	return e.headers.unlock(e.opts.Dir, e.vault)
}

// openCrypto readies what encrypted pages need besides keys.
func (e *Env) openCrypto() error {
	images, err := openImages(&e.opts, e.id)
	if err != nil {
		return err
	}
	e.data.crypto = &pageCrypto{vault: e.vault, nonces: crypt.NewNonces(e.vault.random), images: images}
	e.frameSource.vault = e.vault
	return nil
}

// abandon closes what a failed open had opened.
func (e *Env) abandon() error {
	e.watchdog.stop()
	e.chain.close()
	var err error
	if e.log != nil {
		err = e.log.Close()
	}
	if e.data != nil {
		err = errors.Join(err, e.data.close())
	}
	if e.headers != nil {
		err = errors.Join(err, e.headers.close())
	}
	return errors.Join(err, e.lock.Close())
}

func asDiskFull(err error) error {
	var full *DiskFullError
	if errors.Is(err, vfs.ErrNoSpace) && !errors.As(err, &full) {
		return &DiskFullError{Err: err}
	}
	return err
}
