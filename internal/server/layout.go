package server

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"

	"github.com/rookerydb/rookery/internal/cluster"
)

// Names in the data directory.
const (
	lockName      = "lock"
	systemName    = "System"    // the environment of the cluster's log
	databasesName = "Databases" // one directory for each database
	masterKeyName = "master.key"
)

// layout knows where things lie under the data directory.
type layout struct{ root string }

func (l layout) lock() string      { return path.Join(l.root, lockName) }
func (l layout) system() string    { return path.Join(l.root, systemName) }
func (l layout) databases() string { return path.Join(l.root, databasesName) }
func (l layout) masterKey() string { return path.Join(l.root, masterKeyName) }

// database returns the directory of the database called name.
func (l layout) database(name string) string { return path.Join(l.databases(), DirName(name)) }

// DatabaseDir returns the directory of the database called name under the data directory.
func DatabaseDir(dataDir, name string) string { return layout{root: dataDir}.database(name) }

// DirName returns the name of the directory that holds the database called name. Names that differ only in case have
// the same one. It consists of lower-case letters, digits, "_", "-", "." (not in front), and "%" with two hexadecimal
// digits for each other byte, so it is the same file on every file system and leads nowhere else. A long one is cut
// and ends in "~" and a part of the name's SHA-256.
func DirName(name string) string {
	const hexDigits = "0123456789abcdef"
	key := cluster.Key(name)
	var b strings.Builder
	for i := range len(key) {
		c := key[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '-', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	if b.Len() <= dirNameBytesMax {
		return b.String()
	}
	sum := sha256.Sum256([]byte(key))
	return b.String()[:dirNameBytesMax] + "~" + hex.EncodeToString(sum[:8])
}
