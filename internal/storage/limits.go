package storage

import (
	"strconv"

	"github.com/rookerydb/rookery/internal/storage/journal"
)

// Bounds of an environment. Those that differ by machine are Options.
const (
	// NameBytesMax is the longest name of a tree, fixed-size tree or section set.
	NameBytesMax = 512
	// runBytesMax is written to the data file at once: adjacent pages gain from fewer calls, above this no more.
	runBytesMax = 1 << 20
	// growPagesMin is how many pages a new data file has: 256 KiB, so that small environments stay small.
	growPagesMin = 32
	// growPagesMax is 1 GiB: up to it the file doubles, above it grows by it.
	growPagesMax = 1 << 30 / pageBytes
	// poolBytesMax is the default of Options.PoolBytesMax.
	poolBytesMax = 64 << 20
	// framesKeptMax is how many entries the tables of a transaction's frames may keep room for until the next transaction.
	framesKeptMax = 1 << 12
	// imagesBytesMax is how many bytes of encrypted pages are gathered for one batch of images: each batch costs a sync, and its
	// memory.
	imagesBytesMax = 8 << 20
	// txPageBytesMax is the default of Options.TxPageBytesMax.
	txPageBytesMax = 256 << 20 >> (2 * (64 - strconv.IntSize) / 32)
	// pulseBytes is the default of Options.PulseBytes.
	pulseBytes = 32 << 20 >> ((64 - strconv.IntSize) / 32)
	// replayBytesMax is how much recovery holds in memory before it writes pages to the data file.
	replayBytesMax = 256 << 20
	// copyBatchPart is the part of MaxUnflushedBytes that one transaction of a copy may change, about: 4 MiB of the default, so
	// that commits cost little and a copy can be stopped between two of them.
	copyBatchPart = 256
	// copyHeldPart is the part of TxPageBytesMax that each side of such a transaction may hold before it is ended.
	copyHeldPart = 4
	// copySyncPart is the part of MaxUnflushedBytes of a copy that may wait for its data file: 64 MiB of the default.
	copySyncPart = 16
	// handlesKeptMax is how many structures stay open from one write transaction to the next; they are searched one by one.
	handlesKeptMax = 32
	// problemsMax ends a check that finds nothing but problems.
	problemsMax = 1000
)

// journalBytesUnit is what journal sizes are multiples of.
const journalBytesUnit = journal.BlockBytes
