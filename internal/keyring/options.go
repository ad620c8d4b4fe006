package keyring

import (
	"io"
	"time"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Options say where keys are. FS, Databases, Random and Now are required.
type Options struct {
	FS        vfs.FS
	Databases string    // the directory with one directory for each database
	Random    io.Reader // fit for keys: crypto/rand.Reader
	Now       func() time.Time
	Master    Master
	Memory    secret.Options // for keys
}

// Master says where the master key comes from: Program when it is set, else Text, else the file.
type Master struct {
	// FS holds Path. Nil means that of Options: a server in memory reads a key from the disk all the same.
	FS vfs.FS
	// Path is a file that only its owner may read, with 32 bytes, or 44 characters of base64.
	Path string
	// MakeFile makes a new key when the file is missing. Only for a place where nobody is meant to have put one.
	MakeFile bool

	Program   string        // prints the key, in either form, and ends with 0
	Arguments string        // blanks separate them; quotes keep blanks
	Timeout   time.Duration // of the program; 0 means 30 s

	Text string // 44 characters of base64
}

// Database says whose key is meant.
type Database struct {
	Name string // for messages
	// ID is its id, 22 characters of base64. Empty: whichever it is.
	ID  string
	Dir string // its directory; the last part of it is what the key is bound to
}

func (o *Options) check() {
	invariant.Assert(o.FS != nil && o.Databases != "" && o.Random != nil && o.Now != nil, "keyring.Options needs FS, Databases, Random and Now")
	if o.Master.FS == nil {
		o.Master.FS = o.FS
	}
	if o.Master.Timeout == 0 {
		o.Master.Timeout = timeoutDefault
	}
}
