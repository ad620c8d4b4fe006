package config

import "time"

// Type says how the text of a setting is read.
type Type uint8

// The types.
const (
	Text      Type = iota // taken as it is
	Secret                // taken as it is, shown masked
	Bool                  // true or false
	Int                   // a whole number between Min and Max
	Choice                // one of Choices, in any case
	Endpoints             // URLs, separated by ";"
)

// Unit says what a whole number counts.
type Unit uint8

// The units.
const (
	NoUnit Unit = iota
	Milliseconds
	Seconds
	Minutes
	Hours
	Bytes
	Kibibytes
	Mebibytes
	Gibibytes
)

// String returns the unit as it stands in the documentation.
func (u Unit) String() string {
	return [...]string{"", "milliseconds", "seconds", "minutes", "hours", "bytes", "KiB", "MiB", "GiB"}[u]
}

// scale is what one unit is in nanoseconds or bytes.
func (u Unit) scale() int64 {
	return [...]int64{
		1, int64(time.Millisecond), int64(time.Second), int64(time.Minute), int64(time.Hour),
		1, 1 << 10, 1 << 20, 1 << 30,
	}[u]
}

// Effect says what becomes of a setting's value.
type Effect uint8

// The effects.
const (
	Acts     Effect = iota // the server behaves accordingly
	Harmless               // accepted so that existing start scripts work; there is nothing for it to do
	Inactive               // accepted and kept, without effect: a warning says so
)

// String returns the effect as it stands in the documentation.
func (e Effect) String() string {
	return [...]string{"acts", "accepted, nothing to do", "accepted, no effect"}[e]
}

// Setting is one line of the table.
type Setting struct {
	Key     string // dotted, in its usual spelling; matched without regard to case
	Type    Type
	Unit    Unit
	Default string // as it would be written in a file; empty when there is none
	Doc     string // one line
	Effect  Effect

	Choices  []string // of Choice
	Min, Max int64    // of Int, in its unit

	// environmentOnly says that the value must not come from the command line, which every process of the machine may read,
	// nor from the file, which is copied and shown.
	environmentOnly bool

	store  func(c *Config, v value)                  // puts the value where it acts; nil when it does not
	refuse func(c *Config, text string) (why string) // why this well-formed text is not served by this version, or ""
}

// value is a setting's text, read according to its type.
type value struct {
	text      string
	flag      bool
	number    int64 // in the setting's unit
	scaled    int64 // in nanoseconds or bytes
	endpoints []Endpoint
}

// duration returns the value of a setting whose unit is a time.
func (v value) duration() time.Duration { return time.Duration(v.scaled) }
