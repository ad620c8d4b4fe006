package cluster

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// valueCommand is a command about rows of one database: compare-exchange values and identities. They lie in the environment
// of the log, not in the State, so that a million of them need no memory. What such a command does depends on the rows, the
// database that has its name in the State, and the command; on nothing else.
type valueCommand interface {
	Command
	database() string
	// check refuses what can be done in no State.
	check() error
	// apply changes rows. refused says why nothing was done and is the outcome; err is the disk's.
	apply(w *valueWriter, e Entry) (out valueOutcome, refused, err error)
}

// PutCompareExchange stores a value under a key. Index 0 asks that there be none, any other that the value be of that index;
// where that does not hold the outcome says so and nothing is changed. Errors: *DatabaseMissingError, *InvalidCommandError,
// *CompareExchangeKeyTooLongError, *CompareExchangeTooLargeError.
type PutCompareExchange struct {
	Name  string // of the database
	Key   string
	Index uint64
	Value json.RawMessage // an object: "Object", any JSON, and "@metadata", an object or missing
	// Expires is when the value goes; zero means never. NewPutCompareExchange reads it in the metadata.
	Expires time.Time `json:",omitzero"`
}

// DeleteCompareExchange removes the value of Key if it is of Index; the outcome says whether it was. Errors:
// *DatabaseMissingError, *InvalidCommandError, *CompareExchangeKeyTooLongError.
type DeleteCompareExchange struct {
	Name  string // of the database
	Key   string
	Index uint64
}

// ExpireCompareExchange removes values of a database whose time has come by when the command was proposed, the oldest first, at most
// expireMax of them. Its result has their number. Errors: *DatabaseMissingError.
type ExpireCompareExchange struct{ Name string }

// NextIdentities takes numbers from identities, which begin at 1. Its result has the last number taken of each, in
// their order. Errors: *DatabaseMissingError, *InvalidCommandError.
type NextIdentities struct {
	Name  string // of the database
	Takes []IdentityTake
}

// IdentityTake asks for Count numbers, 1 or more. Names are the same when they differ in case only, and end with "|".
type IdentityTake struct {
	Identity string
	Count    int64
}

// SeedIdentity sets the number that was given last; without Force only upwards. Its result has what it is now. Errors:
// *DatabaseMissingError, *InvalidCommandError.
type SeedIdentity struct {
	Name     string // of the database
	Identity string
	Value    int64
	Force    bool
}

func (PutCompareExchange) kind() string    { return "PutCompareExchange" }
func (DeleteCompareExchange) kind() string { return "DeleteCompareExchange" }
func (ExpireCompareExchange) kind() string { return "ExpireCompareExchange" }
func (NextIdentities) kind() string        { return "NextIdentities" }
func (SeedIdentity) kind() string          { return "SeedIdentity" }

func (c PutCompareExchange) database() string    { return c.Name }
func (c DeleteCompareExchange) database() string { return c.Name }
func (c ExpireCompareExchange) database() string { return c.Name }
func (c NextIdentities) database() string        { return c.Name }
func (c SeedIdentity) database() string          { return c.Name }

// NewPutCompareExchange returns the command that stores object, and metadata unless it is empty, with the time in the metadata's
// @expires. The error is an *InvalidCommandError.
func NewPutCompareExchange(name, key string, index uint64, object, metadata json.RawMessage) (PutCompareExchange, error) {
	cmd := PutCompareExchange{Name: name, Key: key, Index: index}
	value := append([]byte(`{"Object":`), object...)
	if len(metadata) > 0 {
		var m struct {
			Expires *string `json:"@expires"`
		}
		if err := json.Unmarshal(metadata, &m); err != nil {
			return cmd, &InvalidCommandError{Field: "@metadata", Why: err.Error()}
		}
		if m.Expires != nil {
			var err error
			if cmd.Expires, err = parseExpires(*m.Expires); err != nil {
				return cmd, err
			}
		}
		value = append(append(value, `,"@metadata":`...), metadata...)
	}
	cmd.Value = append(value, '}')
	return cmd, nil
}

// parseExpires reads the time of @expires: RFC 3339, or the same without a zone, which means UTC. One that is long past
// becomes one in 1970.
func parseExpires(text string) (time.Time, error) {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.9999999"} {
		if t, err := time.Parse(layout, text); err == nil && writable(t) {
			if t.Unix() < 1 { // the first moment of all would say "never"
				t = time.Unix(1, 0)
			}
			return t.UTC(), nil
		}
	}
	return time.Time{}, &InvalidCommandError{Field: "@expires", Why: fmt.Sprintf("%q is no time such as 2030-01-02T12:00:00.0000000Z", text)}
}

func (c PutCompareExchange) check() error {
	if len(c.Value) > CompareExchangeBytesMax {
		return &CompareExchangeTooLargeError{Key: c.Key, Bytes: len(c.Value)}
	}
	return checkExchangeKey(c.Key)
}

func (c DeleteCompareExchange) check() error { return checkExchangeKey(c.Key) }

func (ExpireCompareExchange) check() error { return nil }

func (c NextIdentities) check() error {
	if len(c.Takes) == 0 || len(c.Takes) > namesMax {
		return &InvalidCommandError{Field: "Takes", Why: fmt.Sprintf("has %d identities; 1 to %d are possible", len(c.Takes), namesMax)}
	}
	for _, take := range c.Takes {
		if take.Count < 1 || take.Count > math.MaxInt32 {
			return &InvalidCommandError{Field: "Count", Why: fmt.Sprintf("%d is not 1 to %d", take.Count, math.MaxInt32)}
		}
		if err := checkIdentity(take.Identity); err != nil {
			return err
		}
	}
	return nil
}

func (c SeedIdentity) check() error {
	if c.Value < 0 {
		return &InvalidCommandError{Field: "Value", Why: fmt.Sprintf("%d is below 0", c.Value)}
	}
	return checkIdentity(c.Identity)
}

func checkExchangeKey(key string) error {
	switch {
	case key == "":
		return &InvalidCommandError{Field: "key", Why: "is empty"}
	case len(key) > CompareExchangeKeyBytesMax:
		return &CompareExchangeKeyTooLongError{Key: key}
	case !utf8.ValidString(key):
		return &InvalidCommandError{Field: "key", Why: "is not valid UTF-8"}
	}
	return nil
}

func checkIdentity(name string) error {
	refuse := func(why string) error { return &InvalidCommandError{Field: "identity name", Why: why} }
	switch {
	case strings.Trim(name, "|") == "":
		return refuse("is empty")
	case !strings.HasSuffix(name, "|"):
		return refuse(`does not end with "|"`)
	case len(name) > identityBytesMax:
		return refuse(fmt.Sprintf("is longer than %d bytes", identityBytesMax))
	case !utf8.ValidString(name):
		return refuse("is not valid UTF-8")
	}
	return nil
}
