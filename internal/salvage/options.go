package salvage

import (
	"time"

	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Options says what to read and where to write. FS, Dir, Out and Now are required.
type Options struct {
	FS  vfs.FS
	Dir string // of the environment, or its data file alone; only read
	Out string // made when missing; must be empty unless Force, and must not lie in Dir
	Now func() time.Time

	// Force writes into a directory that is not empty; files of an earlier run are replaced.
	Force bool
	// IgnoreJournals reads the data file as it is: what to try when what the journals hold seems wrong.
	IgnoreJournals bool

	// Encryption gives what opens the pages of the environment with that id; nil for plain files; see WithKey. It is asked
	// at most once, before the first page is read. An Opener that is an io.Closer is closed at the end.
	Encryption func(env [16]byte) (Opener, error)
	// Decompressor opens bodies that are compressed; nil when there are none. Those that it refuses are reported as damaged.
	Decompressor Decompressor

	// Progress is told from time to time how many bytes were read, of how many. It must return soon. Nil tells nobody.
	Progress func(doneBytes, totalBytes int64)

	// OverlayBytesMax and LedgerRowsMax are how much is kept in memory before temporary files take over; 0: 256 MiB of pages
	// from journals, and four million rows.
	OverlayBytesMax int64
	LedgerRowsMax   int
}

// Opener turns what lies in encrypted files into what was stored, and proves it.
type Opener interface {
	// OpenPage writes the page or whole overflow run no to dst, in clear, with MAC and nonce zero. src is as long as dst and
	// is as it lies in the file. Any error means that src is not what was written as page no.
	OpenPage(dst, src []byte, no page.No) error
	// OpenRecord returns the journal record that src is, valid until the next call.
	OpenRecord(src []byte) (journal.Record, error)
}

// Decompressor opens compressed values.
type Decompressor interface {
	// Decompress returns the value in clear, valid until the next call. Any error means that it cannot be had.
	Decompress(value []byte) ([]byte, error)
}

func (o Options) withDefaults() Options {
	if o.OverlayBytesMax == 0 {
		o.OverlayBytesMax = overlayBytesMax
	}
	if o.LedgerRowsMax == 0 {
		o.LedgerRowsMax = ledgerRowsMax
	}
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	return o
}
