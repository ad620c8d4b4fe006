package iometrics

import "fmt"

// Kind says what an operation is for.
type Kind uint8

// The kinds. Those of one call to the file system come first; a Flush and a Recovery consist of such.
const (
	JournalWrite Kind = iota + 1 // a commit's record; durable when it returns
	JournalFill                  // zeros into a journal file that is being made
	DataWrite                    // a run of pages into the data file
	DataGrow                     // blocks for the data file, or a journal that is being made
	HeaderWrite                  // a header file
	OtherWrite                   // any other file
	Sync                         // a file or directory made durable
	Flush                        // committed pages to the data file, from choosing them to the last one written
	Recovery                     // journals applied when the environment was opened

	kindEnd
)

// Kinds returns all kinds in their order.
func Kinds() []Kind {
	kinds := make([]Kind, 0, kindEnd-1)
	for k := JournalWrite; k < kindEnd; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// kindNames are part of the file format.
var kindNames = [kindEnd]string{
	"", "JournalWrite", "JournalFill", "DataWrite", "DataGrow", "HeaderWrite", "OtherWrite", "Sync", "Flush", "Recovery",
}

// String returns the name that answers and files use.
func (k Kind) String() string {
	if k == 0 || k >= kindEnd {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// parseKind is the reverse of String; false for other texts.
func parseKind(name string) (Kind, bool) {
	for k := JournalWrite; k < kindEnd; k++ {
		if kindNames[k] == name {
			return k, true
		}
	}
	return 0, false
}

// Single says whether the kind is one call to the file system. Only such can be slow or hang: how long a flush takes says
// more of how much there was to do.
func (k Kind) Single() bool { return k < Flush }

// Track is the line of a timeline on which a kind is drawn.
type Track uint8

// The tracks.
const (
	JournalTrack Track = iota
	FlushTrack
	SyncTrack
	OtherTrack

	trackEnd
)

var trackNames = [trackEnd]string{"journal", "flush", "sync", "other"}

// String returns the name in lower case.
func (t Track) String() string { return trackNames[t] }

// Track returns the track that k belongs to.
func (k Kind) Track() Track {
	switch k {
	case JournalWrite, JournalFill:
		return JournalTrack
	case DataWrite, DataGrow, Flush:
		return FlushTrack
	case Sync, HeaderWrite:
		return SyncTrack
	default:
		return OtherTrack
	}
}
