package keyring

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/crypt"
)

// Reason says what is wrong with a source of a key.
type Reason uint8

// The reasons.
const (
	Missing     Reason = iota + 1 // there is no such file
	Unreadable                    // it cannot be read
	Shared                        // others may read the file
	TooShort                      // fewer bytes than a key has
	TooLong                       // more bytes than a key has in base64
	WrongLength                   // something between the two
	NotBase64                     // as many characters as a key has in base64, which they are not
	CannotStart                   // the program cannot be started
	TimedOut                      // the program did not end in time
	Failed                        // the program ended with a failure
)

// SourceError reports a key that could not be had from where it should be: a master key, mostly.
type SourceError struct {
	Source string // such as: master key file "/etc/rookery/master.key"
	Reason Reason
	Bytes  int    // for TooShort, TooLong and WrongLength: how many came
	Said   string // the end of what the program said on standard error
	Err    error  // what the system said; may be nil
}

// Kind is Invalid when the source gave something that is no key or must not be used; else Unavailable.
func (e *SourceError) Kind() fault.Kind {
	switch e.Reason {
	case Shared, TooShort, TooLong, WrongLength, NotBase64:
		return fault.Invalid
	default:
		return fault.Unavailable
	}
}

func (e *SourceError) Unwrap() error { return e.Err }

func (e *SourceError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Source, e.what())
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Said != "" {
		fmt.Fprintf(&b, "; it said: %s", e.Said)
	}
	return b.String()
}

func (e *SourceError) what() string {
	const want = "want 32 bytes, or 44 characters of base64 and a line end"
	switch e.Reason {
	case Missing:
		return "there is none; put the key back, for nothing else opens the databases that were encrypted under it"
	case Unreadable:
		return "it cannot be read"
	case Shared:
		return "others than its owner may read it; take their rights away (chmod 600), and change the key if they may have read it"
	case TooShort:
		return fmt.Sprintf("%d bytes are too few: %s", e.Bytes, want)
	case TooLong:
		return fmt.Sprintf("%d bytes or more are too many: %s", e.Bytes, want)
	case WrongLength:
		return fmt.Sprintf("%d bytes are no key: %s", e.Bytes, want)
	case NotBase64:
		return "44 characters that are not base64: " + want
	case CannotStart:
		return "it cannot be started"
	case TimedOut:
		return "it did not end in time, and was stopped (Security.MasterKey.Exec.TimeoutInSec)"
	case Failed:
		return "it failed"
	default:
		return "unknown"
	}
}

// KeyMissingError reports a database without a key file.
type KeyMissingError struct{ Name string }

// Kind is Unavailable: the file may be put back.
func (*KeyMissingError) Kind() fault.Kind { return fault.Unavailable }

func (e *KeyMissingError) Error() string {
	return fmt.Sprintf("the key of database %q is missing: put its key file back, or store the key (rookery key store)", e.Name)
}

// KeyExistsError reports a key that would have been overwritten, and with it the only way to read a database.
type KeyExistsError struct{ Name string }

// Kind is Conflict.
func (*KeyExistsError) Kind() fault.Kind { return fault.Conflict }

func (e *KeyExistsError) Error() string { return fmt.Sprintf("database %q has a key already", e.Name) }

// WrongMasterError reports a key that was wrapped under another master key.
type WrongMasterError struct {
	Name string
	Have [crypt.MasterIDBytes]byte   // the master key that we have
	Want [][crypt.MasterIDBytes]byte // those that would do
}

// Kind is Forbidden.
func (*WrongMasterError) Kind() fault.Kind { return fault.Forbidden }

func (e *WrongMasterError) Error() string {
	want := make([]string, len(e.Want))
	for i, id := range e.Want {
		want[i] = hex.EncodeToString(id[:])
	}
	return fmt.Sprintf("the key of database %q is wrapped under master key %s, not under %s, which the settings give",
		e.Name, strings.Join(want, " and "), hex.EncodeToString(e.Have[:]))
}

// OtherDatabaseError reports a key file of another database: of one that had this name before, or copied here.
type OtherDatabaseError struct {
	Name        string
	Found, Want string // ids
}

// Kind is Conflict.
func (*OtherDatabaseError) Kind() fault.Kind { return fault.Conflict }

func (e *OtherDatabaseError) Error() string {
	return fmt.Sprintf("the key file of database %q belongs to database id %s, not %s: if its data is meant, print the key "+
		"(rookery key print) and store it anew (rookery key store --replace); if not, remove the directory", e.Name, e.Found, e.Want)
}

// KeyFileError reports a key file that is damaged, or was copied from another directory.
type KeyFileError struct{ Name, What string }

// Kind is Corrupt.
func (*KeyFileError) Kind() fault.Kind { return fault.Corrupt }

func (e *KeyFileError) Error() string {
	return fmt.Sprintf("the key file of database %q: %s", e.Name, e.What)
}

// NewerFormatError reports a key file of a later version. Nothing was changed.
type NewerFormatError struct {
	Name  string
	Found uint16 // version
}

// Kind is Invalid.
func (*NewerFormatError) Kind() fault.Kind { return fault.Invalid }

func (e *NewerFormatError) Error() string {
	return fmt.Sprintf("the key file of database %q has format %d, this version reads up to %d", e.Name, e.Found, formatVersion)
}

// ReadOnlySourceError reports a master key that only its keeper can change.
type ReadOnlySourceError struct{ Source string }

// Kind is Invalid.
func (*ReadOnlySourceError) Kind() fault.Kind { return fault.Invalid }

func (e *ReadOnlySourceError) Error() string {
	return fmt.Sprintf("the master key comes from %s, which cannot be written: admit the new key (--to FILE), change it there, then settle (--finish)", e.Source)
}
