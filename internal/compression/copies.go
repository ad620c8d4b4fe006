package compression

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

// ReadCopies returns all that the two files in the directory of an environment know. The error says what is wrong with either
// of them: missing, damaged, *zdict.SealedError. What can be read is returned beside it.
func ReadCopies(fsys vfs.FS, dir string, sealer zdict.Sealer) (zdict.Copies, error) {
	var all zdict.Copies
	var problems error
	for _, name := range zdict.CopyNames() {
		c, err := readCopy(fsys, path.Join(dir, name), sealer)
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("read %q: %w", name, err))
			continue
		}
		all = zdict.MergeCopies(all, c)
	}
	return all, problems
}

func readCopy(fsys vfs.FS, name string, sealer zdict.Sealer) (zdict.Copies, error) {
	info, err := fsys.Stat(name)
	if err != nil {
		return zdict.Copies{}, err
	}
	if info.SizeBytes > zdict.CopiesBytesMax {
		return zdict.Copies{}, &zdict.CorruptError{What: "file with copies of dictionaries", Why: "it is too long"}
	}
	file, err := vfs.ReadFile(fsys, name)
	if err != nil {
		return zdict.Copies{}, err
	}
	return zdict.DecodeCopies(file, sealer)
}

// holdsAll says whether c has all that is registered in tx, and no id is to be given again. A damaged registry cannot tell.
func holdsAll(c zdict.Copies, tx storage.Tx) bool {
	known := map[uint32]bool{}
	for _, d := range c.Dictionaries {
		known[d.ID] = true
	}
	for d, err := range dictionariesIn(tx) {
		if err != nil || !known[d.ID] {
			return false
		}
	}
	return true
}

// writeCopies writes both files anew: all that is committed, all that waits to be registered, and added unless it is nil. It
// returns when they are durable. trainTurn is held, or nobody knows the service yet.
//
// What a transaction in progress has registered waits still, and what one has dropped is committed still: so whichever
// transaction is the last to survive a crash, the files have what its values need.
func (s *Service) writeCopies(added *zdict.Dictionary) error {
	c, err := s.copies(added)
	if err != nil {
		return err
	}
	file, err := zdict.AppendCopies(nil, c, s.opts.Sealer)
	if err != nil {
		return fmt.Errorf("seal copies of dictionaries: %w", err)
	}
	for _, name := range zdict.CopyNames() { // the second only when the first is whole again
		if err := vfs.WriteFileDurable(s.opts.FS, path.Join(s.opts.Dir, name), file); err != nil {
			return fmt.Errorf("write copies of dictionaries: %w", err)
		}
	}
	return nil
}

// copies collects what the files shall have.
func (s *Service) copies(added *zdict.Dictionary) (zdict.Copies, error) {
	s.mu.Lock()
	c := zdict.Copies{Next: s.nextID}
	for _, waits := range s.ready {
		c.Dictionaries = append(c.Dictionaries, waits.dictionary)
	}
	s.mu.Unlock()
	if added != nil {
		c.Dictionaries = append(c.Dictionaries, *added)
	}
	err := s.opts.Env.View(func(tx *storage.ReadTx) error {
		for d, err := range dictionariesIn(tx) {
			if err != nil {
				return err
			}
			d.Bytes = slices.Clone(d.Bytes)
			c.Dictionaries = append(c.Dictionaries, d)
		}
		return nil
	})
	return zdict.MergeCopies(c, zdict.Copies{}), err
}

// Dictionaries returns every dictionary that can still be read, by id: from the registry in tx and, where that is damaged, from
// the copies. The error says what was damaged or missing; the result is as good as it can be.
func Dictionaries(tx storage.Tx, fsys vfs.FS, dir string, sealer zdict.Sealer) ([]zdict.Dictionary, error) {
	var registered zdict.Copies
	var problems error
	for d, err := range dictionariesIn(tx) {
		if err != nil {
			problems = errors.Join(problems, err)
			continue
		}
		d.Bytes = slices.Clone(d.Bytes)
		registered.Dictionaries = append(registered.Dictionaries, d)
	}
	copies, err := ReadCopies(fsys, dir, sealer)
	if fault.Of(err) == fault.Corrupt || problems != nil {
		problems = errors.Join(problems, err)
	}
	registered.Next = copies.Next // so that the registry is believed
	return zdict.MergeCopies(registered, copies).Dictionaries, problems
}
