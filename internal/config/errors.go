package config

import (
	"fmt"
	"strings"

	"github.com/rookerydb/rookery/internal/fault"
)

// UnknownSettingError reports a key, given in the file or on the command line, that no setting has.
type UnknownSettingError struct {
	Key        string
	Origin     Origin
	Suggestion string // the nearest known key; empty when none is near
}

// Kind implements the fault package's contract.
func (e *UnknownSettingError) Kind() fault.Kind { return fault.Invalid }

func (e *UnknownSettingError) Error() string {
	msg := fmt.Sprintf("unknown setting %q (%s)", e.Key, e.Origin)
	if e.Suggestion != "" {
		msg += fmt.Sprintf(": did you mean %s?", e.Suggestion)
	}
	return msg
}

// InvalidSettingError reports a value that its setting cannot take.
type InvalidSettingError struct {
	Key    string
	Value  string // as given; secrets are masked
	Origin Origin
	Want   string // what would be accepted
}

// Kind implements the fault package's contract.
func (e *InvalidSettingError) Kind() fault.Kind { return fault.Invalid }

func (e *InvalidSettingError) Error() string {
	return fmt.Sprintf("setting %s: value %q (%s) is not %s", e.Key, e.Value, e.Origin, e.Want)
}

// UnsupportedSettingError reports a value that is well formed and asks for something that this version does not offer.
// It is refused rather than ignored because whoever wrote it relies on it.
type UnsupportedSettingError struct {
	Key, Value string
	Origin     Origin
	Why        string
}

// Kind implements the fault package's contract.
func (e *UnsupportedSettingError) Kind() fault.Kind { return fault.Invalid }

func (e *UnsupportedSettingError) Error() string {
	return fmt.Sprintf("setting %s=%s (%s) is refused: %s", e.Key, e.Value, e.Origin, e.Why)
}

// ArgumentError reports a command-line argument that is no setting at all, or one without its value.
type ArgumentError struct {
	Arg  string
	Want string
}

// Kind implements the fault package's contract.
func (e *ArgumentError) Kind() fault.Kind { return fault.Invalid }

func (e *ArgumentError) Error() string { return fmt.Sprintf("argument %q: %s", e.Arg, e.Want) }

// FileError reports a settings file that cannot be read as one.
type FileError struct {
	Path  string
	Off   int64 // byte position of the mistake; 0 when the file could not be read at all
	Cause error
}

// Kind implements the fault package's contract.
func (e *FileError) Kind() fault.Kind { return fault.Invalid }

// Unwrap returns what went wrong.
func (e *FileError) Unwrap() error { return e.Cause }

func (e *FileError) Error() string {
	if e.Off > 0 {
		return fmt.Sprintf("settings file %s, byte %d: %v", e.Path, e.Off, e.Cause)
	}
	return fmt.Sprintf("settings file %s: %v", e.Path, e.Cause)
}

// ExposureError reports an address that strangers could reach without authentication.
type ExposureError struct {
	Key     string // of the setting that holds the address
	URL     string
	Origin  Origin
	Reason  string // what the address is: "reaches every network of this machine", …
	Allowed Access // what Security.UnsecuredAccessAllowed says now
	Needed  Access // what it would have to say
}

// Kind implements the fault package's contract.
func (e *ExposureError) Kind() fault.Kind { return fault.Forbidden }

func (e *ExposureError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s=%s (%s) %s, and nothing asks those who connect who they are: anybody there could read, change and delete all data. ",
		e.Key, e.URL, e.Origin, e.Reason)
	if e.Allowed == AccessNone {
		fmt.Fprintf(&b, "Security.UnsecuredAccessAllowed=None forbids every address without authentication; set it to %s to allow this one", e.Needed)
		return b.String()
	}
	fmt.Fprintf(&b, "Bind %s to http://127.0.0.1:8080 or another loopback address, or, if that network is protected by other means, "+
		"set Security.UnsecuredAccessAllowed=%s (now %s)", e.Key, e.Needed, e.Allowed)
	return b.String()
}
