package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/zeebo/xxh3"
)

// imageNames are the files that hold copies of encrypted pages while the data file may have them torn.
var imageNames = [2]string{"images.one", "images.two"}

// imagesMagic begins a batch of images: "rookimg1", little-endian.
const imagesMagic uint64 = 0x31676d696b6f6f72

// A batch is a head, an entry for each image, and, from the next whole page on, the images in the same order. Offsets in
// the head; all numbers are little-endian.
const (
	imagesMagicOff  = 0  // u64
	imagesHashOff   = 8  // u64, XXH3-64 of the head from here on, the entries and the images
	imagesEnvOff    = 16 // 16 bytes, id of the environment
	imagesTxOff     = 32 // u64, the flush writes the state after this transaction
	imagesPrevOff   = 40 // u64, hash of the batch before it in the file, 0 for the first: batches of an earlier use do not follow
	imagesBytesOff  = 48 // u64, bytes of images
	imagesCountOff  = 56 // u32, images
	imagesHeadBytes = 64
	imageEntryBytes = 12 // u64 page number, u32 pages
)

// image is where one page, or one overflow run, lies: in the gathered pages, or in a file of images.
type image struct {
	no    page.No
	pages int
	at    int64
	file  int
}

// images are the two files of images. The one in use grows by a batch at a time, and begins anew when all its pages are in
// the data file durably; while they are not, the other one is used if it can be.
type images struct {
	opts    *Options
	env     journal.EnvID
	tx      TxID // of the flush
	current int
	files   [2]imageFile
	batch   []byte
	found   map[page.No]image // by recovery: the newest image of each page
}

// imageFile is one of the two.
type imageFile struct {
	file vfs.File // nil when there is none yet
	off  int64    // where the next batch goes
	prev uint64   // hash of the batch before
	upTo TxID     // free when the data file has everything up to here durably
}

// openImages reads what is there, for recovery.
func openImages(opts *Options, env journal.EnvID) (*images, error) {
	s := &images{opts: opts, env: env, found: map[page.No]image{}}
	mode := vfs.Write
	if opts.ReadOnly {
		mode = 0
	}
	for i, name := range imageNames {
		file, err := opts.FS.Open(opts.path(name), mode)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", name, err), s.close())
		}
		s.files[i].file = file
	}
	if err := s.scan(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// neverFree keeps the images that recovery found from being overwritten before it is done.
const neverFree = ^TxID(0)

// recovered says that the data file has everything durably: no image is needed any more.
func (s *images) recovered() {
	s.found = nil
	for i := range s.files {
		s.files[i].reset()
		s.files[i].upTo = 0
	}
}

// reset begins the file anew.
func (f *imageFile) reset() { f.off, f.prev = 0, 0 }

// begin chooses the file for a flush up to transaction upTo, when the data file has everything up to synced durably.
func (s *images) begin(synced, upTo TxID) {
	other := 1 - s.current
	switch {
	case s.files[s.current].upTo <= synced:
		s.files[s.current].reset()
	case s.files[other].upTo <= synced:
		s.current = other
		s.files[other].reset()
	}
	s.tx = upTo
	s.files[s.current].upTo = max(s.files[s.current].upTo, upTo)
}

// write appends a batch, durably. The images lie in sealed.
func (s *images) write(of []image, sealed []byte) error {
	f := &s.files[s.current]
	if err := s.create(f); err != nil {
		return err
	}
	s.batch = s.appendBatch(s.batch[:0], f.prev, of, sealed)
	if err := f.file.Allocate(f.off, int64(len(s.batch))); err != nil {
		return fmt.Errorf("extend %s: %w", imageNames[s.current], err)
	}
	if _, err := f.file.WriteAt(s.batch, f.off); err != nil {
		return fmt.Errorf("write %s: %w", imageNames[s.current], err)
	}
	if err := f.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", imageNames[s.current], noRetry{err})
	}
	f.off += int64(len(s.batch))
	f.prev = binary.LittleEndian.Uint64(s.batch[imagesHashOff:])
	if cap(s.batch) > 2*imagesBytesMax {
		s.batch = nil
	}
	return nil
}

// create makes the file that is in use, if there is none.
func (s *images) create(f *imageFile) (err error) {
	if f.file != nil {
		return nil
	}
	name := s.opts.path(imageNames[s.current])
	if f.file, err = s.opts.FS.Open(name, vfs.Write|vfs.Create); err != nil {
		return fmt.Errorf("create %s: %w", imageNames[s.current], err)
	}
	if err := s.opts.FS.SyncDir(s.opts.Dir); err != nil {
		return fmt.Errorf("sync directory: %w", noRetry{err})
	}
	return nil
}

// appendBatch appends the bytes of a batch: whole pages.
func (s *images) appendBatch(dst []byte, prev uint64, of []image, sealed []byte) []byte {
	head := imagesHead(len(of))
	base := len(dst)
	dst = append(dst, make([]byte, head)...)
	b := dst[base:]
	binary.LittleEndian.PutUint64(b[imagesMagicOff:], imagesMagic)
	copy(b[imagesEnvOff:], s.env[:])
	binary.LittleEndian.PutUint64(b[imagesTxOff:], uint64(s.tx))
	binary.LittleEndian.PutUint64(b[imagesPrevOff:], prev)
	binary.LittleEndian.PutUint32(b[imagesCountOff:], uint32(len(of)))
	for i, m := range of {
		entry := b[imagesHeadBytes+i*imageEntryBytes:]
		binary.LittleEndian.PutUint64(entry, uint64(m.no))
		binary.LittleEndian.PutUint32(entry[8:], uint32(m.pages))
	}
	for _, m := range of {
		dst = append(dst, sealed[m.at:m.at+int64(m.pages)*pageBytes]...)
	}
	b = dst[base:] // it may lie elsewhere now
	binary.LittleEndian.PutUint64(b[imagesBytesOff:], uint64(len(b)-head))
	binary.LittleEndian.PutUint64(b[imagesHashOff:], xxh3.Hash(b[imagesEnvOff:]))
	return dst
}

// imagesHead is how many bytes stand before the images of a batch.
func imagesHead(count int) int {
	return (imagesHeadBytes + count*imageEntryBytes + pageBytes - 1) / pageBytes * pageBytes
}

// scan finds the images in both files, those of later batches in place of earlier ones.
func (s *images) scan() error {
	newest := map[page.No]TxID{}
	for i := range s.files {
		if s.files[i].file == nil {
			continue
		}
		if err := s.scanFile(i, newest); err != nil {
			return fmt.Errorf("read %s: %w", imageNames[i], err)
		}
	}
	return nil
}

// scanFile notes the images of one file that are newer than those noted before, and leaves the file so that it goes on behind
// them.
func (s *images) scanFile(i int, newest map[page.No]TxID) error {
	f := &s.files[i]
	size, err := f.file.Size()
	if err != nil {
		return err
	}
	for {
		b, err := s.readBatch(f.file, f.off, size)
		if err != nil {
			return err
		}
		if b.bytes == 0 || b.prev != f.prev {
			return nil // torn, never finished, or of an earlier use of the file
		}
		for _, m := range b.images {
			if newest[m.no] <= b.tx {
				newest[m.no] = b.tx
				s.found[m.no] = image{no: m.no, pages: m.pages, at: f.off + m.at, file: i}
			}
		}
		if s.tx <= b.tx {
			s.tx, s.current = b.tx, i
		}
		f.off += b.bytes
		f.prev, f.upTo = b.hash, neverFree
	}
}

// imageBatch is a decoded batch; bytes is zero when there is none.
type imageBatch struct {
	tx         TxID
	hash, prev uint64
	bytes      int64
	images     []image // at: from the start of the batch
}

// readBatch reads the batch at off. What is no valid batch is none, without an error.
func (s *images) readBatch(f vfs.File, off, size int64) (imageBatch, error) {
	var head [imagesHeadBytes]byte
	if size-off < pageBytes {
		return imageBatch{}, nil
	}
	if _, err := f.ReadAt(head[:], off); err != nil {
		return imageBatch{}, err
	}
	count := binary.LittleEndian.Uint32(head[imagesCountOff:])
	bytes := binary.LittleEndian.Uint64(head[imagesBytesOff:])
	if binary.LittleEndian.Uint64(head[:]) != imagesMagic || journal.EnvID(head[imagesEnvOff:imagesEnvOff+16]) != s.env ||
		uint64(count)*pageBytes > bytes || bytes > uint64(size-off) || int64(imagesHead(int(count))) > size-off-int64(bytes) {
		return imageBatch{}, nil
	}
	whole := make([]byte, imagesHead(int(count))+int(bytes))
	if _, err := f.ReadAt(whole, off); err != nil {
		return imageBatch{}, err
	}
	return decodeBatch(whole, int(count)), nil
}

// decodeBatch reads a batch of so many images; none when its hash or its lengths do not agree.
func decodeBatch(b []byte, count int) imageBatch {
	if xxh3.Hash(b[imagesEnvOff:]) != binary.LittleEndian.Uint64(b[imagesHashOff:]) {
		return imageBatch{}
	}
	batch := imageBatch{
		tx: TxID(binary.LittleEndian.Uint64(b[imagesTxOff:])), bytes: int64(len(b)),
		hash: binary.LittleEndian.Uint64(b[imagesHashOff:]), prev: binary.LittleEndian.Uint64(b[imagesPrevOff:]),
	}
	at := int64(imagesHead(count))
	for i := range count {
		entry := b[imagesHeadBytes+i*imageEntryBytes:]
		pages := binary.LittleEndian.Uint32(entry[8:])
		batch.images = append(batch.images, image{no: page.No(binary.LittleEndian.Uint64(entry)), pages: int(pages), at: at})
		at += int64(pages) * pageBytes
	}
	if at != int64(len(b)) {
		return imageBatch{}
	}
	return batch
}

// read fills p with the image that recovery found of page no.
func (s *images) read(p []byte, no page.No) (found bool, err error) {
	m, found := s.found[no]
	if !found || m.pages*pageBytes != len(p) {
		return false, nil
	}
	if _, err := s.files[m.file].file.ReadAt(p, m.at); err != nil {
		return false, fmt.Errorf("read %s: %w", imageNames[m.file], err)
	}
	return true, nil
}

func (s *images) close() error {
	var err error
	for _, f := range s.files {
		if f.file != nil {
			err = errors.Join(err, f.file.Close())
		}
	}
	return err
}
