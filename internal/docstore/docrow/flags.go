package docrow

// Flags say what a document has besides its body, and where it comes from.
type Flags uint32

// The flags. Their values are part of the format.
const (
	HasRevisions Flags = 1 << iota
	Revision
	DeleteRevision
	HasAttachments
	HasCounters
	HasTimeSeries
	Conflicted
	Resolved
	FromReplication
	FromClusterTransaction
	Reverted
)

// flagNames are the words of @flags, by bit.
var flagNames = [...]string{
	"HasRevisions", "Revision", "DeleteRevision", "HasAttachments", "HasCounters", "HasTimeSeries", "Conflicted",
	"Resolved", "FromReplication", "FromClusterTransaction", "Reverted",
}

// Append appends the names of the flags that are set, ", " between them: nothing for zero.
func (f Flags) Append(dst []byte) []byte {
	start := len(dst)
	for bit, name := range flagNames {
		if f&(1<<bit) == 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ", "...)
		}
		dst = append(dst, name...)
	}
	return dst
}

// String returns the names as Append writes them.
func (f Flags) String() string { return string(f.Append(nil)) }
