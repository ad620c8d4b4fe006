package dump

import "github.com/rookerydb/rookery/internal/jsondoc"

// Bounds.
const (
	// ItemBytesMax bounds the text of one item, and so the memory of a reader: what a document may be at most.
	ItemBytesMax = jsondoc.TextBytesMax
	// ChunkBytes is how much of an attachment one item carries: 256 KiB of base64, as much as the window's first size.
	ChunkBytes = 192 << 10
	// ColumnsMax bounds the columns of a CSV file. Above it, rows of mostly empty cells outgrow the documents.
	ColumnsMax = 4096
	// BadKept bounds the bad items of which a report keeps the errors; further ones are counted.
	BadKept = 1000
	// UnknownKept bounds the unknown members of which a report keeps the names; further ones are counted.
	UnknownKept = 100
	// OptionsBytesMax bounds the JSON of Options: scripts are in it.
	OptionsBytesMax = 4 << 20

	// nameBytesMax bounds the name of a dump's member: no name that means something comes near.
	nameBytesMax = 1024
	// windowBytes is the window's first size, and what it returns to after a huge item.
	windowBytes = 256 << 10
	// keptBytesMax is how large a buffer may be that is kept from item to item.
	keptBytesMax = 4 << 20
	// sniffBytes is how much of the text may be looked at to tell its form: a first document of average size fits.
	sniffBytes = 64 << 10
	// zstdWindowMax bounds the memory that a zstd file can ask of its reader: what the levels up to 19 use.
	zstdWindowMax = 8 << 20
	// writeBytes is how much a writer collects before it compresses.
	writeBytes = 64 << 10
)
