package salvage

// Bounds of what a run holds in memory. Those that tests make small are in Options.
const (
	// windowBytes is read from a file at once: enough for the speed of any disk.
	windowBytes = 4 << 20
	// overlayBytesMax is how much of the pages in journals is kept in memory before all of them go to a temporary file.
	overlayBytesMax = 256 << 20
	// ledgerRowsMax is how many rows are remembered in memory, at 32 bytes each, before they go to a temporary file.
	ledgerRowsMax = 4 << 20
	// runKeepBytesMax is how large the buffer for long values may stay: one of 500 MB must not hold memory for good.
	runKeepBytesMax = 16 << 20
	// dumpBlockBytes is handed to the compressor at once; four such blocks are on their way at most.
	dumpBlockBytes = 256 << 10
	// damagesMax bounds each list of damages in the report; further ones are only counted.
	damagesMax = 100_000
	// pageNumberMax bounds what a page that lies in the wrong place may say of itself to be worth a look: 8 PiB of file.
	pageNumberMax = 1 << 40
)
