package errorfs

import "slices"

// Kind is an operation of vfs.FS or vfs.File.
type Kind uint8

// The kinds, named after the methods.
const (
	Open Kind = iota + 1
	MkdirAll
	Remove
	RemoveAll
	Rename
	List
	Stat
	SyncDir
	Lock
	ReadAt
	WriteAt
	Size
	Truncate
	Allocate
	Sync
	Map
	Close

	kindCount
)

var kindNames = [kindCount]string{
	"", "open", "mkdirall", "remove", "removeall", "rename", "list", "stat", "syncdir", "lock",
	"read", "write", "size", "truncate", "allocate", "sync", "map", "close",
}

// String returns the kind in lower-case letters.
func (k Kind) String() string {
	if k < kindCount {
		return kindNames[k]
	}
	return "unknown"
}

// Changing returns the kinds that change what is stored, for tests that let each write in turn fail.
func Changing() []Kind {
	return []Kind{MkdirAll, Remove, RemoveAll, Rename, SyncDir, WriteAt, Truncate, Allocate, Sync}
}

// Op is an operation that is about to be done.
type Op struct {
	Seq     int // its number among all operations, from 0
	Kind    Kind
	Name    string // as it was given to the file system; of a File, as it was opened
	NewName string // of Rename
	Off     int64  // of ReadAt, WriteAt, Allocate
	Bytes   int64  // of those; of Truncate the new length, of Map the length
}

// In says whether op is of one of kinds; no kinds mean all.
func (o Op) In(kinds ...Kind) bool {
	return len(kinds) == 0 || slices.Contains(kinds, o.Kind)
}
