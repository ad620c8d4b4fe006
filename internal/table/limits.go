package table

import "github.com/rookerydb/rookery/internal/table/row"

// Bounds of rows and keys.
const (
	// FieldsMax is how many fields a row may have.
	FieldsMax = row.FieldsMax
	// KeyBytesMax bounds the key of any index, the row id behind a repeating key included; longer keys do not fit a tree's page.
	KeyBytesMax = 2024
	// scratchBytesMax is how much memory for building rows a table keeps between puts. Larger rows give theirs back.
	scratchBytesMax = 1 << 20
)
