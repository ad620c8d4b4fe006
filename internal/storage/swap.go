package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/rookerydb/rookery/internal/storage/planted"
	"github.com/rookerydb/rookery/internal/vfs"
)

// A compaction makes a second environment in the directory compact, complete and durable, and then writes the marker. From
// then on, and not before, the second one is what the directory stands for: its files move into the place of the old
// ones by rename, and whoever opens the directory next goes on where a crash stopped that. DESIGN.md has the table.

// settleSwap brings a directory to one environment again: it finishes a swap that has its marker, and removes what a
// compaction without marker left. The lock must be held. *SwapPendingError when that would have to write and may not.
func settleSwap(opts *Options) error {
	marker, found, err := readSwap(opts)
	if opts.ReadOnly {
		if found || isDamage(err) {
			return &SwapPendingError{Dir: opts.Dir}
		}
		return err
	}
	if err != nil && !isDamage(err) {
		return err
	}
	copied, lookErr := lookAtCompact(opts)
	switch {
	case lookErr != nil:
		return lookErr
	case copied == beingMoved && err != nil:
		return &CorruptError{File: swapName, Err: err}
	case copied == beingMoved && found:
		return finishSwap(opts, marker)
	case copied == complete && found:
		return finishSwapIfStands(opts, marker)
	}
	return dropCompact(opts)
}

// copyState is how far the files of the copy have moved, if there is a marker.
type copyState uint8

const (
	gone       copyState = iota // there is no directory: all of it was moved, or it was given up
	complete                    // nothing was moved yet, because the data file moves first
	beingMoved                  // the data file was moved, others perhaps not
)

func lookAtCompact(opts *Options) (copyState, error) {
	if found, err := there(opts.FS, opts.compactPath("")); err != nil || !found {
		return gone, err
	}
	found, err := there(opts.FS, opts.compactPath(dataName))
	if err != nil || !found {
		return beingMoved, err
	}
	return complete, nil
}

// finishSwapIfStands begins to move a complete copy, unless the marker is of no use any more.
func finishSwapIfStands(opts *Options, m swapMarker) error {
	stands, err := swapStands(opts, m)
	if err != nil {
		return err
	}
	if !stands {
		opts.Logger.Warn("compaction dropped: the environment was opened after it was copied", "dir", opts.Dir)
		return dropCompact(opts)
	}
	return finishSwap(opts, m)
}

// readSwap reads the marker, if there is one. The error may be a damage.
func readSwap(opts *Options) (marker swapMarker, found bool, err error) {
	b, err := vfs.ReadFile(opts.FS, opts.path(swapName))
	if errors.Is(err, fs.ErrNotExist) {
		return marker, false, nil
	}
	if err != nil {
		return marker, false, fmt.Errorf("read the marker of a compaction: %w", err)
	}
	marker, err = decodeSwap(b)
	if newer, ok := errors.AsType[*NewerFormatError](err); ok {
		newer.Dir = opts.Dir
	}
	return marker, err == nil, err
}

func isDamage(err error) bool {
	_, ok := errors.AsType[damage](err)
	return ok
}

// swapStands says whether the marker speaks of the two environments that are there, and the old one is as it was copied.
// Both are whole while it is asked. What cannot be read does not stand: the old environment is the safe choice then.
func swapStands(opts *Options, m swapMarker) (bool, error) {
	old, oldErr := headerOf(*opts, opts.Dir)
	replacement, newErr := headerOf(*opts, opts.compactPath(""))
	for _, err := range []error{oldErr, newErr} {
		if _, corrupt := errors.AsType[*CorruptError](err); err != nil && !corrupt {
			return false, err
		}
	}
	return oldErr == nil && newErr == nil && old.env == m.old && old.sequence == m.sequence && replacement.env == m.new, nil
}

// headerOf reads the newest header of the environment in dir.
func headerOf(opts Options, dir string) (header, error) {
	opts.Dir = dir
	h, err := openHeaders(&opts, 0)
	if err != nil {
		return header{}, err
	}
	return h.current(), h.close()
}

// finishSwap moves what is still in compact to where it belongs, and removes the marker. Each step may have been done
// before.
func finishSwap(opts *Options, m swapMarker) error {
	for _, step := range []func(*Options) error{moveFiles, moveJournals, removeImages, syncMoves} {
		if err := step(opts); err != nil {
			return fmt.Errorf("put the compacted environment in place: %w", err)
		}
	}
	h, err := headerOf(*opts, opts.Dir)
	if err != nil {
		return err
	}
	if h.env != m.new {
		return &CorruptError{File: swapName, Err: fmt.Errorf("the marker speaks of environment %x, the files are of %x", m.new, h.env)}
	}
	return dropCompact(opts)
}

// moveFiles moves the data file, then the headers.
func moveFiles(opts *Options) error {
	for _, name := range [...]string{dataName, headerNames[0], headerNames[1]} {
		from := opts.compactPath(name)
		if found, err := there(opts.FS, from); err != nil || !found {
			if err != nil {
				return err
			}
			continue
		}
		if err := opts.FS.Rename(from, opts.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// moveJournals moves the whole directory into the place of the old one: among its files, old and new could not be told apart.
func moveJournals(opts *Options) error {
	from := opts.compactPath(journalDirName)
	if found, err := there(opts.FS, from); err != nil || !found {
		return err
	}
	if err := opts.FS.RemoveAll(opts.journalDir()); err != nil {
		return err
	}
	return opts.FS.Rename(from, opts.journalDir())
}

// removeImages removes the images of the old environment; the new one has none before its next flush.
func removeImages(opts *Options) error {
	for _, name := range imageNames {
		if found, err := there(opts.FS, opts.path(name)); err != nil || !found {
			if err != nil {
				return err
			}
			continue
		}
		if err := opts.FS.Remove(opts.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// syncMoves makes the moves durable: first that the files are here, then that they are there no more.
func syncMoves(opts *Options) error {
	return errors.Join(opts.FS.SyncDir(opts.Dir), opts.FS.SyncDir(opts.compactPath("")))
}

// dropCompact removes the marker and the directory compact, if they are there. The directory gets another name first, so
// that no crash leaves a marker beside half of it, which would look as if the other half had been moved.
func dropCompact(opts *Options) error {
	marked, err := there(opts.FS, opts.path(swapName))
	if err == nil && marked {
		err = opts.FS.Remove(opts.path(swapName))
	}
	if err == nil {
		err = giveUpCompact(opts)
	}
	if err != nil {
		return fmt.Errorf("remove what a compaction left: %w", err)
	}
	return nil
}

func giveUpCompact(opts *Options) error {
	dropped, err := there(opts.FS, opts.path(droppedDirName))
	if err != nil {
		return err
	}
	if dropped {
		if err := opts.FS.RemoveAll(opts.path(droppedDirName)); err != nil {
			return err
		}
	}
	found, err := there(opts.FS, opts.compactPath(""))
	if err != nil || !found {
		return err
	}
	if err := opts.FS.Rename(opts.compactPath(""), opts.path(droppedDirName)); err != nil {
		return err
	}
	if err := opts.FS.SyncDir(opts.Dir); err != nil {
		return err
	}
	if err := opts.FS.RemoveAll(opts.path(droppedDirName)); err != nil {
		return err
	}
	return opts.FS.SyncDir(opts.Dir)
}

// writeSwap makes the marker durable. After an error it may be there or not; swapStands copes with both.
func writeSwap(opts *Options, m swapMarker) error {
	if planted.Is(planted.UnmarkedSwap) {
		f, err := opts.FS.Open(opts.path(swapName), vfs.Write|vfs.Create)
		if err != nil {
			return err
		}
		_, err = f.WriteAt(appendSwap(nil, m), 0)
		return errors.Join(err, f.Close())
	}
	return vfs.WriteFileDurable(opts.FS, opts.path(swapName), appendSwap(nil, m))
}

func there(fsys vfs.FS, name string) (bool, error) {
	_, err := fsys.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// compactPath is name in the directory compact.
func (o *Options) compactPath(name string) string { return path.Join(o.Dir, compactDirName, name) }

// envBytes is the length of all files of the environment.
func envBytes(opts *Options) (int64, error) {
	names := []string{opts.path(dataName), opts.path(headerNames[0]), opts.path(headerNames[1])}
	for _, name := range imageNames {
		if found, err := there(opts.FS, opts.path(name)); err != nil {
			return 0, err
		} else if found {
			names = append(names, opts.path(name))
		}
	}
	journals, err := opts.FS.List(opts.journalDir())
	if err != nil {
		return 0, err
	}
	for _, name := range journals {
		names = append(names, path.Join(opts.journalDir(), name))
	}
	var total int64
	for _, name := range names {
		info, err := opts.FS.Stat(name)
		if err != nil {
			return 0, fmt.Errorf("measure environment: %w", err)
		}
		total += info.SizeBytes
	}
	return total, nil
}
