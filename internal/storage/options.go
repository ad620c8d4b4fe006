package storage

import (
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Options says how an environment is kept. FS, Dir and Now are required; Rand too when the environment may have to be
// created. The zero value of all others means the default.
type Options struct {
	FS     vfs.FS
	Dir    string // made when missing, but for its parents' permissions
	Logger *slog.Logger
	Now    func() time.Time // for ages in Stats and durations of I/O; nothing on disk depends on it
	Rand   *rand.Rand       // gives a new environment its id

	// JournalBytesMin is the size of the first journal file; the following ones double up to JournalBytesMax. Small files
	// are changed often, large ones take disk space and time to prepare. Default 64 KiB and 16 MiB:
	// filling a new file with zeros costs as much as writing records there, and all files between two syncs are new at first.
	JournalBytesMin, JournalBytesMax int64
	// CompressAboveBytes is the size of a transaction's changes from which on they are compressed. Compressing small ones
	// saves no block on disk. Default 4 KiB; negative means never.
	CompressAboveBytes int
	// FlushAboveBytes is how many bytes of changed pages are kept in memory before they are written to the data file in the
	// background. Small values write hot pages again and again; large ones take memory and recovery time. Default 64 MiB.
	FlushAboveBytes int64
	// FlushEvery is how long nothing has to be committed before changed pages are written anyway. Default 1 s.
	FlushEvery time.Duration
	// SyncEvery is how long after a flush the data file is made durable, so that journals are freed. Default 30 s.
	SyncEvery time.Duration
	// SyncAboveBytes is how many bytes of journal are written before pages are flushed and synced whatever else; it bounds
	// recovery time and the disk space of journals, to about twice itself. Default 128 MiB, and at least twice
	// FlushAboveBytes: half of it makes a flush due as well, and should not do so first.
	SyncAboveBytes int64
	// SlowIOAfter is how long one write or sync may take, ended or not, before it is counted and logged as slow. Small values cry
	// wolf on cheap disks; with large ones a hanging disk is noticed by its users first. Default 1 s.
	SlowIOAfter time.Duration
	// OldReaderAfter is how long after its state was replaced a read transaction is logged: it keeps page versions in memory and
	// journals on the disk. Small values blame honest exports; with large ones memory may be at its bound first. Default 30 s;
	// negative means never.
	OldReaderAfter time.Duration
	// PulseBytes is how much a long walk reads before it moves to the newest state; see ReadTx.Renew. Small values make
	// walks less of one piece; large ones hold back more. Default 32 MiB, half of that in 32-bit programs.
	PulseBytes int64
	// MaxUnflushedBytes bounds the memory of page versions that wait for the data file, or for readers to end. Above it
	// Write is refused. Default 1 GiB.
	MaxUnflushedBytes int64

	// PoolBytesMax is how much memory of released page buffers is kept for the next transactions. Less costs allocations
	// under load. Default 64 MiB.
	PoolBytesMax int64

	// NoMapping reads pages of the data file into memory of the transaction that asks for them, where the address space has no
	// room for a mapping. It is always so in 32-bit programs. A page costs a system call then.
	NoMapping bool
	// TxPageBytesMax bounds the memory of pages that one transaction holds, where the file is not mapped; reads above it fail
	// with *PagesHeldError. Default 256 MiB, a quarter of that in 32-bit programs.
	TxPageBytesMax int64
	// TxCacheBytes is how much memory one transaction keeps of pages that it does not hold any more; see ReadTx.Forget. Default 1 MiB.
	TxCacheBytes int64

	// Encryption is given exactly when the environment is, or shall be, encrypted; see *KeyError.
	Encryption *Encryption

	// ReadOnly opens what is there without changing it: records of the journals are applied in memory. Write is refused.
	ReadOnly bool
	// IgnoreInvalidJournal opens with what is before an invalid journal record, although later transactions follow: the last
	// resort of an admin. It loses them, and pages that hold parts of them may be read.
	IgnoreInvalidJournal bool
	// ManualFlush leaves flush, sync and preparing journals to calls of Flush and Sync: no goroutines.
	ManualFlush bool

	unrecorded bool // the files are not metered: for the benchmark that tells what metering costs
}

// withDefaults returns o with the defaults filled in. Missing parts that have none are a programmer's mistake.
func (o Options) withDefaults() Options {
	invariant.Assert(o.FS != nil && o.Dir != "" && o.Now != nil, "storage.Options needs FS, Dir and Now")
	invariant.Assert(o.Encryption == nil || (o.Encryption.Key != nil && o.Encryption.Memory != nil && o.Encryption.Random != nil),
		"storage.Encryption needs Key, Memory and Random")
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	setDefault(&o.JournalBytesMin, 64<<10)
	setDefault(&o.JournalBytesMax, 16<<20)
	setDefault(&o.FlushAboveBytes, 64<<20)
	setDefault(&o.SyncAboveBytes, max(128<<20, 2*o.FlushAboveBytes))
	setDefault(&o.MaxUnflushedBytes, 1<<30)
	setDefault(&o.FlushEvery, time.Second)
	setDefault(&o.SyncEvery, 30*time.Second)
	setDefault(&o.SlowIOAfter, iometrics.DefaultSlowAfter)
	setDefault(&o.CompressAboveBytes, 4<<10)
	setDefault(&o.OldReaderAfter, 30*time.Second)
	setDefault(&o.PulseBytes, pulseBytes)
	setDefault(&o.PoolBytesMax, poolBytesMax)
	setDefault(&o.TxPageBytesMax, txPageBytesMax)
	setDefault(&o.TxCacheBytes, 1<<20)
	o.NoMapping = o.NoMapping || mappingForbidden || o.Encryption != nil
	o.JournalBytesMin = (o.JournalBytesMin + journalBytesUnit - 1) / journalBytesUnit * journalBytesUnit
	o.JournalBytesMax = max(o.JournalBytesMin, o.JournalBytesMax/journalBytesUnit*journalBytesUnit)
	return o
}

func setDefault[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}
