package jsondoc

const (
	// DepthMax is how many arrays and objects may lie inside each other. Above it, code that walks a document by
	// recursion (scripts, encoders in clients) runs into limits of its own.
	DepthMax = 128

	// TextBytesMax bounds the text given to Parse and the text kept: 256 MiB.
	TextBytesMax = 256 << 20

	// IndexBytesMax bounds the index: 192 MiB. Text and index together must stay below 508 MiB, the longest value that
	// storage takes. Only texts of almost nothing but brackets come near.
	IndexBytesMax = 192 << 20

	// linearFieldsMax is up to how many fields an object has fingerprints, searched from first to last; larger ones have
	// their names sorted. Up to it the search is the faster one and building needs no sorting (BenchmarkField_Large); above
	// it an attacker's names, all with one fingerprint, would cost too many comparisons.
	linearFieldsMax = 128

	// textBytesShown is how much of a name an error message repeats.
	textBytesShown = 64

	// scratchBytesMax is how much memory a Parser keeps from one document to the next: 1 MiB. A huge document must not
	// pin its scratch memory for ever.
	scratchBytesMax = 1 << 20
)
