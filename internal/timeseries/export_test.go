package timeseries

// Layout is the offset of each field as the code has it, for the test that compares it with docs/format/timeseries.md.
var Layout = map[string]int{
	"version": versionOff, "columns": columnsOff, "entries": entriesOff, "live": liveOff, "start": startOff, "span": spanOff,
	"step": stepOff, "last values": lastValuesOff, "last tag": lastTagOff, "tags": tagsOff, "bits": bitsOff, "head": headBytes,
	"first value": firstOff, "last value": lastOff, "least value": leastOff, "greatest value": greatestOff, "sum": sumOff,
	"values": countOff, "leading": leadingOff, "width": widthOff, "column": columnBytes,
}

// Widths are the widths of steps by the beginning of their line in the document.
var Widths = map[string][]int{"time": timeBits[:], "units": unitBits[:]}
