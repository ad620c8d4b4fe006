package page_test

import (
	"errors"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage/page"
)

func TestNo_PrintsAndParsesItself(t *testing.T) {
	for _, n := range []page.No{0, 1, 65_024, ^page.No(0)} {
		got, err := page.Parse(n.String())
		if err != nil || got != n {
			t.Errorf("Parse(%q) = %d, %v", n, got, err)
		}
	}
	for _, text := range []string{"", "-1", "0x10", "18446744073709551616", "1 "} {
		_, err := page.Parse(text)
		var numberErr *page.NumberError
		if !errors.As(err, &numberErr) || numberErr.Text != text || fault.Of(err) != fault.Invalid {
			t.Errorf("Parse(%q): got error %v, want *NumberError", text, err)
		}
	}
}

func TestRunPages(t *testing.T) {
	f := func(bytes, want int) {
		t.Helper()
		if got := page.RunPages(bytes); got != want {
			t.Errorf("RunPages(%d) = %d, want %d", bytes, got, want)
		}
	}
	f(0, 1)
	f(page.PayloadBytes, 1)
	f(page.PayloadBytes+1, 2) // only the first page has a header
	f(page.PayloadBytes+page.SizeBytes, 2)
	f(page.PayloadBytes+page.SizeBytes+1, 3)
	f(page.OverflowBytesMax, page.RunPagesMax)
	f(page.OverflowBytesMax+1, page.RunPagesMax+1)
}

func TestRunLen_CountsPagesOfOverflowOnly(t *testing.T) {
	p := make([]byte, page.SizeBytes)
	page.Init(p, 9, page.Overflow)
	page.SetOverflowBytes(p, 20_000)
	if got, want := page.RunLen(p), 3; got != want {
		t.Errorf("overflow: got %d, want %d", got, want)
	}
	page.Init(p, 9, page.Leaf)
	page.SetOverflowBytes(p, 20_000)
	if got, want := page.RunLen(p), 1; got != want {
		t.Errorf("leaf: got %d, want %d", got, want)
	}
}
