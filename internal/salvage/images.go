package salvage

import (
	"encoding/binary"
	"errors"
	"path"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// imageNames are the files with copies of encrypted pages that a power cut may have torn in the data file.
var imageNames = [2]string{"images.one", "images.two"}

// A batch of images: docs/format/images.md. All numbers are little-endian.
const (
	imagesMagic uint64 = 0x31676d696b6f6f72 // "rookimg1"

	imagesHashOff   = 8
	imagesEnvOff    = 16
	imagesTxOff     = 32
	imagesBytesOff  = 48
	imagesCountOff  = 56
	imagesHeadBytes = 64
	imageEntryBytes = 12
	imagePagesOff   = 8 // in an entry
)

// images are the newest copies of pages in both files, batches of earlier uses among them: where the data file is
// damaged, an old version is better than none.
type images struct {
	files [2]*blockFile // nil when there is none
	found map[page.No]imageRef
}

// imageRef is where an image lies.
type imageRef struct {
	file  int
	off   int64
	pages int
	tx    uint64 // of the flush
}

// openImages reads which images there are. A file that cannot be read has none.
func openImages(fsys vfs.FS, dir string, env journal.EnvID) *images {
	s := &images{found: map[page.No]imageRef{}}
	for i, name := range imageNames {
		file, err := openBlocks(fsys, path.Join(dir, name))
		if err != nil {
			continue
		}
		s.files[i] = file
		for off := int64(0); off < file.sizeBytes; {
			off += s.batch(i, off, env)
		}
	}
	return s
}

// batch notes the images of the batch at off, if a valid one is there, and returns how far the next may begin.
func (s *images) batch(file int, off int64, env journal.EnvID) (next int64) {
	f := s.files[file]
	head, err := f.readAt(off, imagesHeadBytes)
	if err != nil || len(head) < imagesHeadBytes || binary.LittleEndian.Uint64(head) != imagesMagic {
		return page.SizeBytes
	}
	count, size := int64(binary.LittleEndian.Uint32(head[imagesCountOff:])), binary.LittleEndian.Uint64(head[imagesBytesOff:])
	start := (imagesHeadBytes + count*imageEntryBytes + page.SizeBytes - 1) / page.SizeBytes * page.SizeBytes
	if size > uint64(f.sizeBytes) || start+int64(size) > f.sizeBytes-off {
		return page.SizeBytes
	}
	b, err := f.readAt(off, int(start)+int(size))
	if err != nil || journal.EnvID(b[imagesEnvOff:imagesTxOff]) != env || xxh3.Hash(b[imagesEnvOff:]) != binary.LittleEndian.Uint64(b[imagesHashOff:]) {
		return page.SizeBytes
	}
	tx, at := binary.LittleEndian.Uint64(b[imagesTxOff:]), start
	for entries := b[imagesHeadBytes:][:count*imageEntryBytes]; len(entries) > 0; entries = entries[imageEntryBytes:] {
		no, pages := page.No(binary.LittleEndian.Uint64(entries)), int(binary.LittleEndian.Uint32(entries[imagePagesOff:]))
		if old, known := s.found[no]; !known || old.tx <= tx {
			s.found[no] = imageRef{file: file, off: off + at, pages: pages, tx: tx}
		}
		at += int64(pages) * page.SizeBytes
	}
	return int64(len(b))
}

// load returns the page or run no, in clear in frame, with the transaction of the flush that it is from.
func (s *images) load(opener Opener, no page.No, frame *[]byte) (data []byte, tx uint64, ok bool) {
	ref, known := s.found[no]
	if !known || ref.pages > page.RunPagesMax {
		return nil, 0, false
	}
	if n := ref.pages * page.SizeBytes; cap(*frame) < n {
		*frame = make([]byte, n)
	}
	data = (*frame)[:ref.pages*page.SizeBytes]
	tx, ok = s.open(opener, data, no)
	return data, tx, ok
}

// open fills dst with the page or run no, in clear; not ok when there is no image of that length that opens.
func (s *images) open(opener Opener, dst []byte, no page.No) (tx uint64, ok bool) {
	ref, known := s.found[no]
	if !known || ref.pages*page.SizeBytes != len(dst) {
		return 0, false
	}
	src, err := s.files[ref.file].readAt(ref.off, len(dst))
	if err != nil || len(src) != len(dst) || page.RunLen(src) != ref.pages || opener.OpenPage(dst, src, no) != nil {
		clear(dst)
		return 0, false
	}
	return ref.tx, true
}

func (s *images) close() error {
	var err error
	for _, f := range s.files {
		if f != nil {
			err = errors.Join(err, f.close())
		}
	}
	return err
}
