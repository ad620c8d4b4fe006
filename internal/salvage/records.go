package salvage

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/vfs"
)

// recordRef is where a valid record lies.
type recordRef struct {
	env      journal.EnvID
	journal  uint64
	tx       uint64
	prev     uint64
	hash     uint64
	nextPage uint64
	file     int // index in recordFiles.names
	off      int64
}

// recordFiles are the files that may hold records: journals in use, and used ones that wait as spares.
type recordFiles struct {
	fs    vfs.FS
	dir   string
	names []string
	open  *blockFile // the one that was read last
	at    int        // its index in names
}

// listRecordFiles returns the files of a journal directory; none when it is missing.
func listRecordFiles(fsys vfs.FS, dir string) (*recordFiles, error) {
	names, err := fsys.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, ".journal") })
	return &recordFiles{fs: fsys, dir: dir, names: names, at: -1}, nil
}

// blocks returns file i, opened to read.
func (f *recordFiles) blocks(i int) (*blockFile, error) {
	if f.at == i {
		return f.open, nil
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	open, err := openBlocks(f.fs, path.Join(f.dir, f.names[i]))
	if err != nil {
		return nil, err
	}
	f.open, f.at = open, i
	return open, nil
}

func (f *recordFiles) close() error {
	if f.open == nil {
		return nil
	}
	err := f.open.close()
	f.open, f.at = nil, -1
	return err
}

// scan returns every valid record in file i, of any environment, and how many bytes it read.
//
// Records begin at multiples of journal.BlockBytes. Behind one that is valid the next is looked for, so what a document holds
// is not taken for a record.
func (f *recordFiles) scan(i int) (found []recordRef, read int64, err error) {
	blocks, err := f.blocks(i)
	if err != nil {
		return nil, 0, err
	}
	for off := int64(0); off < blocks.sizeBytes; {
		b, err := f.bytes(blocks, off)
		var h journal.Header
		if err == nil {
			h, _, err = journal.ReadHeader(b)
		}
		if err != nil {
			off += journal.BlockBytes
			continue
		}
		found = append(found, recordRef{
			env: h.Env, journal: h.Journal, tx: h.Tx, prev: h.Prev, hash: h.Hash, nextPage: h.NextPage, file: i, off: off,
		})
		off += int64(len(b))
	}
	return found, blocks.sizeBytes, nil
}

// load returns a record that scan found, opened with opener if that is not nil. It is valid until the next call.
func (f *recordFiles) load(r recordRef, opener Opener) (journal.Record, error) {
	blocks, err := f.blocks(r.file)
	if err != nil {
		return journal.Record{}, err
	}
	b, err := f.bytes(blocks, r.off)
	switch {
	case err != nil:
		return journal.Record{}, err
	case opener != nil:
		return opener.OpenRecord(b)
	}
	return journal.DecodeRecord(b)
}

// bytes returns what may be a record at off: as much as its header says.
func (f *recordFiles) bytes(blocks *blockFile, off int64) ([]byte, error) {
	head, err := blocks.readAt(off, journal.HeaderBytes)
	if err != nil {
		return nil, err
	}
	n, err := journal.RecordBytes(head)
	if err != nil {
		return nil, err
	}
	if off+int64(n) > blocks.sizeBytes {
		return nil, &journal.DecodeError{Reason: "the file ends inside the record"}
	}
	return blocks.readAt(off, n)
}

// choose returns the environment whose records are most, for when no header names it.
func choose(records []recordRef) (env journal.EnvID, others int) {
	counts := map[journal.EnvID]int{}
	for _, r := range records {
		counts[r.env]++
	}
	best := 0
	for id, n := range counts {
		if n > best || n == best && slices.Compare(id[:], env[:]) < 0 {
			env, best = id, n
		}
	}
	return env, len(records) - best
}

// inOrder returns the records of env after transaction after, by transaction, one for each: of several with the same number
// the one that follows the record before, else the one written last.
func inOrder(records []recordRef, env journal.EnvID, after uint64) []recordRef {
	records = slices.DeleteFunc(slices.Clone(records), func(r recordRef) bool { return r.env != env || r.tx <= after })
	slices.SortFunc(records, func(a, b recordRef) int {
		return cmp.Or(cmp.Compare(a.tx, b.tx), cmp.Compare(b.journal, a.journal), cmp.Compare(a.file, b.file), cmp.Compare(a.off, b.off))
	})
	var ordered []recordRef
	for len(records) > 0 {
		same := 1
		for same < len(records) && records[same].tx == records[0].tx {
			same++
		}
		next := records[0]
		if n := len(ordered); n > 0 {
			for _, r := range records[:same] {
				if r.prev == ordered[n-1].hash {
					next = r
					break
				}
			}
		}
		ordered, records = append(ordered, next), records[same:]
	}
	return ordered
}
