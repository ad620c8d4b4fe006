package docstore_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/docstore"
)

func TestPattern_Matches(t *testing.T) {
	f := func(text, s string, want bool) {
		t.Helper()
		if got := docstore.Match(text, s); got != want {
			t.Errorf("%q on %q: got %v, want %v", text, s, got, want)
		}
	}
	// "*" takes any run, the empty one too
	f("1*", "1", true)
	f("1*", "123", true)
	f("1*", "21", false)
	f("*", "", true)
	f("*a*b", "xaxaxb", true)
	f("*a*b", "xaxaxbx", false)
	// "?" takes one character, not one byte
	f("2?", "23", true)
	f("2?", "2", false)
	f("2?", "2é", true)
	f("2??", "2é", false)
	// alternatives, of which empty ones count for nothing
	f("1*|2?", "29", true)
	f("1*|2?", "299", false)
	f("1||2", "", false)
	f("|", "", false)
	// casing does not matter
	f("ANN*", "annabel", true)
	f("ann*", "ANNABEL", true)
	f("É", "é", true)
	// it is the whole rest that must match
	f("12", "123", false)
	f("12", "12", true)
}

// A pattern says the same as a regular expression made of it.
func TestPattern_AgreesWithRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := []rune("ab*?|éA")
		text := string(rapid.SliceOfN(rapid.SampledFrom(letters), 0, 8).Draw(t, "pattern"))
		s := string(rapid.SliceOfN(rapid.SampledFrom([]rune("abéAB")), 0, 8).Draw(t, "s"))
		if got, want := docstore.Match(text, s), matchByRegexp(text, s); got != want {
			t.Fatalf("%q on %q: got %v, want %v", text, s, got, want)
		}
	})
}

func matchByRegexp(text, s string) bool {
	for alternative := range strings.SplitSeq(text, "|") {
		if alternative == "" {
			continue
		}
		expr := strings.ReplaceAll(strings.ReplaceAll(regexp.QuoteMeta(alternative), `\*`, ".*"), `\?`, ".")
		if regexp.MustCompile("(?is)^(?:" + expr + ")$").MatchString(s) {
			return true
		}
	}
	return false
}
