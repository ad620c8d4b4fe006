package row

// Bounds of rows.
const (
	// FieldsMax is how many fields a row may have: their ends stand in an array inside Row, so that reading allocates nothing.
	FieldsMax = 12
	// BytesMax bounds a row by what a run of pages holds; ends of fields fit 32 bits then.
	BytesMax = 508 << 20
)
