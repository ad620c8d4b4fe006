package journal

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/rookerydb/rookery/internal/vfs"
)

// Names of files in a journal directory.
const (
	suffix      = ".journal"
	sparePrefix = "spare-"
	makingName  = "making.new" // being filled; worthless after a crash
	nameDigits  = 19           // of the largest int64, so that names sort as numbers do
)

// file is one journal file, in use or spare.
type file struct {
	Number    uint64
	SizeBytes int64
}

// listing is what lies in a journal directory.
type listing struct {
	journals []file // by number
	spares   []file // by number
	rest     []string
}

func fileName(number uint64) string  { return fmt.Sprintf("%0*d%s", nameDigits, number, suffix) }
func spareName(number uint64) string { return sparePrefix + strconv.FormatUint(number, 10) + suffix }

// list reads the directory. Names that are not ours are left alone.
func list(fsys vfs.FS, dir string) (listing, error) {
	names, err := fsys.List(dir)
	if err != nil {
		return listing{}, fmt.Errorf("list journals: %w", err)
	}
	var l listing
	for _, name := range names {
		stem, isJournal := strings.CutSuffix(name, suffix)
		if !isJournal {
			if name == makingName {
				l.rest = append(l.rest, name)
			}
			continue
		}
		digits, isSpare := strings.CutPrefix(stem, sparePrefix)
		number, err := strconv.ParseUint(digits, 10, 64)
		if err != nil {
			continue
		}
		info, err := fsys.Stat(path.Join(dir, name))
		if err != nil {
			return listing{}, fmt.Errorf("look at journal %q: %w", name, err)
		}
		if isSpare {
			l.spares = append(l.spares, file{Number: number, SizeBytes: info.SizeBytes})
		} else {
			l.journals = append(l.journals, file{Number: number, SizeBytes: info.SizeBytes})
		}
	}
	return l, nil // List sorts, and our names sort as their numbers; spares need no order
}
