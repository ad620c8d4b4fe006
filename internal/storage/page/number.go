package page

import (
	"fmt"
	"strconv"

	"github.com/rookerydb/rookery/internal/fault"
)

// No is the number of a page: its offset in the data file divided by SizeBytes.
//
// Zero is never the number of a page that holds data, so it stands for "no page".
type No uint64

// String returns the number in decimal.
func (n No) String() string { return strconv.FormatUint(uint64(n), 10) }

// Parse reads what String wrote; *NumberError when text is not a decimal number of 64 bits.
func Parse(text string) (No, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, &NumberError{Text: text}
	}
	return No(n), nil
}

// NumberError reports a text that is no page number.
type NumberError struct{ Text string }

// Kind is Invalid.
func (e *NumberError) Kind() fault.Kind { return fault.Invalid }

func (e *NumberError) Error() string { return fmt.Sprintf("%q is no page number", e.Text) }

// RunPages returns how many pages an overflow run needs for a value of n bytes; n is 0..OverflowBytesMax.
func RunPages(n int) int { return (HeaderBytes + n + SizeBytes - 1) / SizeBytes }

// RunLen returns how many pages belong to the page or run that starts with p: more than one only for overflow runs.
func RunLen(p []byte) int {
	if KindOf(p) != Overflow {
		return 1
	}
	return RunPages(OverflowBytes(p))
}
