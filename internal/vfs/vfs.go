// Package vfs is the file system as an interface, and the real one.
//
// Start at FS, and at OS (os.go) for the real one. Everything that storage keeps goes through it, so that a test can pull
// the plug (vfs/memfs) or let any single operation fail (vfs/errorfs). It knows nothing of pages or journals.
//
// Names are paths with "/" between parts. All methods may be called by several goroutines at once; writes to one File
// that overlap are the caller's mistake.
package vfs

import "io"

// AlignBytes is the alignment that WriteThrough files ask of offset, length and memory: one block of the usual disk.
const AlignBytes = 4096

// FS is a tree of files.
//
// Errors wrap fs.ErrNotExist and fs.ErrExist where they apply, and ErrNoSpace when the disk is full.
type FS interface {
	// Open opens the file called name. See Mode.
	Open(name string, mode Mode) (File, error)
	// MkdirAll creates dir and its missing parents, durably once it returns.
	MkdirAll(dir string) error
	// Remove removes a file or an empty directory.
	Remove(name string) error
	// RemoveAll removes name and all below it; a missing name is no error.
	RemoveAll(name string) error
	// Rename moves a file, replacing what stood at newName. Durable only after SyncDir of the directories.
	Rename(oldName, newName string) error
	// List returns the names in dir (without dir itself), sorted.
	List(dir string) ([]string, error)
	// Stat returns what is known of name without opening it.
	Stat(name string) (Info, error)
	// SyncDir makes creations, removals and renames in dir durable.
	SyncDir(dir string) error
	// Lock takes the file called name as an exclusive lock, created when missing, until the Closer is closed or the
	// process ends. *LockedError when somebody else holds it.
	Lock(name string) (io.Closer, error)
}

// Mode says how a file is opened.
type Mode uint8

// Bits of Mode. Read is always possible.
const (
	Write        Mode = 1 << iota // allow writing
	Create                        // create when missing (with Write)
	Exclusive                     // with Create: fail when it exists
	WriteThrough                  // allow writing; a WriteAt is durable when it returns, and panics unless aligned to AlignBytes
)

// Info is what Stat knows of a file.
type Info struct {
	SizeBytes int64
	IsDir     bool
	// Shared says that others than its owner may read or write the file, as its mode has it. Always false on Windows, where
	// modes say nothing, and in memory. Files that an FS creates are not shared.
	Shared bool
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Size returns the length in bytes.
	Size() (int64, error)
	// Truncate sets the length; new bytes read as zero.
	Truncate(size int64) error
	// Allocate makes the file at least off+length long and reserves disk blocks there, so that later writes in the
	// range do not fail with ErrNoSpace. File systems without reservation only extend.
	Allocate(off, length int64) error
	// Sync makes data and length durable. After a failed Sync the state of unsynced data is unknown; never retry.
	Sync() error
	// Map maps the first length bytes read-only. The mapping shows later writes below length and stays valid when the
	// File is closed, until the mapping itself is closed. A file that grew must be mapped anew: whether an older mapping
	// shows what is written after that differs. *MapRangeError when the file is shorter than length.
	Map(length int64) (Mapping, error)
}

// Mapping is a read-only view of a file's bytes.
type Mapping interface {
	// Bytes are the mapped bytes; writing to them faults. Valid until Close.
	Bytes() []byte
	io.Closer
}
