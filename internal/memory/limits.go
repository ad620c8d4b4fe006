package memory

const (
	// goShare is how much of the limit the garbage collector is told to stay within, in percent. The rest is for what it does
	// not count: mapped files, the binary, and the kernel's buffers for us.
	goShare = 85

	// lowBytesMax bounds the memory below which the machine is short, whatever it has: 2 GiB.
	lowBytesMax = 2 << 30
	// calmReadings is how many readings in a row must be well above the bound before low memory is over.
	calmReadings = 3
	// changesMax is how many changes of state are remembered.
	changesMax = 32

	// quietBytesPerSecond is how much a process may allocate and still count as idle: what looking at it takes.
	quietBytesPerSecond = 4 << 20
	// worthBytes is how much must have been allocated since memory was last given back for it to be worth a collection.
	worthBytes = 8 << 20

	// addressWarnShare and addressCalmShare are how much of the address space is in use, in percent, when a warning begins and
	// when it is over.
	addressWarnShare = 75
	addressCalmShare = 65

	// fileBytesMax bounds a file of the kernel that is read whole; smaps of a process with a thousand mappings has 800 KiB.
	fileBytesMax = 16 << 20
	// filesMax is how many mapped files a report names.
	filesMax = 256
)
