package memfs

import "fmt"

// Kind says what an operation does to the disk.
type Kind uint8

// The kinds of operations that change a disk, or what a power cut would leave of it.
const (
	Create Kind = iota + 1
	Write
	Sync
	SyncDir
	Truncate
	Allocate
	Rename
	Remove
	Mkdir
	Lock
)

var kindNames = [...]string{
	"", "create", "write", "sync", "syncdir", "truncate", "allocate", "rename", "remove", "mkdir", "lock",
}

// String returns the kind in lower-case letters.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Op is one operation that changed the disk.
type Op struct {
	Seq        int // its number, from 0
	Kind       Kind
	Name       string // path from the root, without "/" in front
	NewName    string // of Rename
	Off, Bytes int64  // of Write and Allocate; of Truncate, Bytes is the new length
	Through    bool   // a Write that was durable when it returned

	node, dir, newDir int    // numbers of the file and of the directories whose entries change
	entry, newEntry   string // names in dir and newDir
	data              []byte // of Write; kept by the operation, never changed
}

// String returns the operation without its number, in one line that fits a golden file.
func (o Op) String() string {
	switch o.Kind {
	case Write:
		through := ""
		if o.Through {
			through = " through"
		}
		return fmt.Sprintf("write %s %d+%d%s", o.Name, o.Off, o.Bytes, through)
	case Allocate:
		return fmt.Sprintf("allocate %s %d+%d", o.Name, o.Off, o.Bytes)
	case Truncate:
		return fmt.Sprintf("truncate %s %d", o.Name, o.Bytes)
	case Rename:
		return fmt.Sprintf("rename %s %s", o.Name, o.NewName)
	default:
		return o.Kind.String() + " " + o.Name
	}
}
