package table

// Bounds of rows and keys.
const (
	// FieldsMax is how many fields a row may have: their ends stand in an array inside Row, so that Get allocates nothing.
	FieldsMax = 12
	// KeyBytesMax bounds the key of any index, the row id behind a repeating key included; longer keys do not fit a tree's page.
	KeyBytesMax = 2024
	// rowBytesMax bounds a row by what a run of pages holds; ends of fields fit 32 bits then.
	rowBytesMax = 508 << 20
	// scratchBytesMax is how much memory for building rows a table keeps between puts. Larger rows give theirs back.
	scratchBytesMax = 1 << 20
)
