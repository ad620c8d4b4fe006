package docstore

// What tests in package docstore_test look at from outside.

// Match says whether text, taken as PrefixQuery.Matches, matches s in lower case.
func Match(text, s string) bool { return parsePattern(text).matches(appendFolded(nil, s)) }

// Fold returns s in the form in which ids are compared.
func Fold(s string) string { return string(appendFolded(nil, s)) }

// NextHiLoSize is the size of the range for a request.
var NextHiLoSize = nextHiLoSize

// HiLoQuick and HiLoSlow bound the times in which a range keeps its size.
const (
	HiLoQuick = hiLoQuick
	HiLoSlow  = hiLoSlow
)

// AppendVector is what a write at etag makes of a change vector.
func (s *Store) AppendVector(previous string, etag int64) (string, error) {
	b, err := s.appendVector(nil, []byte(previous), etag)
	return string(b), err
}

// TicksRoundTrip returns what is left of a time when it is stored.
var (
	TicksOf = ticksOf
	TimeOf  = timeOf
)
