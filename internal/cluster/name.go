package cluster

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidateName reports whether name can be a database's: 1 to 128 characters, none of \ / : * ? " < > | and nothing
// unprintable, no blank at either end, no dot at the end, and no name that Windows keeps for devices (with or without
// an extension), since a database's name is also that of a directory. The error is an *InvalidNameError.
func ValidateName(name string) error {
	refuse := func(why string) error { return &InvalidNameError{Name: name, Why: why} }
	switch {
	case name == "":
		return refuse("is empty")
	case !utf8.ValidString(name):
		return refuse("is not valid UTF-8")
	case utf8.RuneCountInString(name) > nameRunesMax:
		return refuse(fmt.Sprintf("is longer than %d characters", nameRunesMax))
	case strings.HasSuffix(name, "."):
		return refuse("ends with a dot")
	case strings.TrimSpace(name) != name:
		return refuse("begins or ends with a blank")
	case isDevice(name):
		return refuse("is the name of a device on some systems")
	}
	for _, r := range name {
		if strings.ContainsRune(`\/:*?"<>|`, r) {
			return refuse(fmt.Sprintf("contains %q; none of \\ / : * ? \" < > | is allowed", r))
		}
		if !unicode.IsPrint(r) {
			return refuse(fmt.Sprintf("contains the unprintable character %U", r))
		}
	}
	return nil
}

// isDevice reports whether the part of name before its first dot is kept for a device: CON, PRN, AUX, NUL, COM0 to COM9
// and LPT0 to LPT9.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (base[:3] == "COM" || base[:3] == "LPT") && base[3] >= '0' && base[3] <= '9'
}

// Key returns the identity of a database name: names that differ only in case are the same database. It allocates
// nothing when name is in lower case already.
func Key(name string) string { return strings.ToLower(name) }

// validTag reports whether tag can be a node's: 1 to 4 upper-case letters.
func validTag(tag string) bool {
	for i := range len(tag) {
		if tag[i] < 'A' || tag[i] > 'Z' {
			return false
		}
	}
	return len(tag) > 0 && len(tag) <= tagBytesMax
}

// raftID returns the number by which the Raft library knows a node: its tag as a number to the base 26, from A = 1 on.
func raftID(tag string) uint64 {
	id := uint64(0)
	for i := range len(tag) {
		id = id*26 + uint64(tag[i]-'A'+1)
	}
	return id
}
