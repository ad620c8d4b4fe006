package timeseries

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// rollupSign stands between the name of a series and the policy that rolled it up.
const rollupSign = "@"

// incrementalPrefix begins the names of incremental series, in any case.
const incrementalPrefix = "INC:"

// CheckName refuses what cannot be the name of a series that clients write: empty, over NameBytesMax bytes, not UTF-8, with
// control characters, or with "@", which rollups have. The error is an *InvalidError or a *LimitError.
func CheckName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return invalidf("the name of a time series is empty")
	case len(name) > NameBytesMax:
		return &LimitError{What: "bytes of a time series' name", Got: len(name), Max: NameBytesMax}
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return invalidf("the name of a time series has characters that cannot be printed: %q", name)
	case strings.Contains(name, rollupSign):
		return invalidf("the name of a time series has no %q, which only rolled up series have: %q", rollupSign, name)
	case len(name) == len(incrementalPrefix) && KindOf(name) == Incremental:
		return invalidf("the name of an incremental time series goes on after %q", name)
	}
	return nil
}

// Identity returns what two names of one series have in common: series are told apart without regard to case.
func Identity(name string) string { return strings.ToLower(name) }

// KindOf returns the kind that the name of a series tells. A rollup of an incremental series is plain.
func KindOf(name string) Kind {
	if len(name) >= len(incrementalPrefix) && strings.EqualFold(name[:len(incrementalPrefix)], incrementalPrefix) && !IsRollup(name) {
		return Incremental
	}
	return Plain
}

// IsRollup reports whether name is that of a rolled up series, which clients only read.
func IsRollup(name string) bool { return strings.Contains(name, rollupSign) }

// RollupName returns the name of the series into which policy rolls up the raw series name.
func RollupName(name, policy string) string { return name + rollupSign + policy }

// SplitRollup takes the name of a rolled up series apart; false for other names.
func SplitRollup(rollup string) (name, policy string, ok bool) {
	name, policy, ok = strings.Cut(rollup, rollupSign)
	return name, policy, ok && name != "" && policy != ""
}
