package page_test

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// field is one header field: where the code writes it, found by writing it and looking which bytes changed.
type field struct {
	name  string
	write func(p []byte)
}

var fields = []field{
	{"number", func(p []byte) { page.Init(p, ^page.No(0), 0) }},
	{"kind", func(p []byte) { page.Init(p, 0, 0xFF) }},
	{"flags", func(p []byte) { page.SetFlags(p, 0xFF) }},
	{"lower", func(p []byte) { page.SetLower(p, 0xFFFF) }},
	{"upper", func(p []byte) { page.SetUpper(p, 0xFFFF) }},
	{"dead", func(p []byte) { page.SetDead(p, 0xFFFF) }},
	{"overflow", func(p []byte) { page.SetOverflowBytes(p, -1) }},
	{"tx", func(p []byte) { page.SetTx(p, ^uint64(0)) }},
	{"owner", func(p []byte) { page.SetOwner(p, ^uint64(0)) }},
	{"mac", func(p []byte) { fill(page.MAC(p)) }},
	{"nonce", func(p []byte) { fill(page.Nonce(p)) }},
	{"payload", func(p []byte) { fill(page.Payload(p)) }},
}

func fill(b []byte) {
	for i := range b {
		b[i] = 0xFF
	}
}

func TestFormat_AgreesWithTheDocument(t *testing.T) {
	var got []string
	for _, f := range fields {
		p := make([]byte, page.SizeBytes)
		page.Init(p, 0, 0)
		blank := append([]byte(nil), p...)
		f.write(p)
		first, count := -1, 0
		for i := range p {
			if p[i] != blank[i] {
				if first < 0 {
					first = i
				}
				count++
			}
		}
		got = append(got, fmt.Sprintf("%d %d %s", first, count, f.name))
	}
	var want []string
	for _, row := range tableRows(t, "../../../docs/format/page.md", "offset") {
		want = append(want, strings.Join(row[:3], " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-) and code (+) differ:\n%s", diff)
	}
}

func TestKinds_AgreeWithTheDocument(t *testing.T) {
	rows := tableRows(t, "../../../docs/format/page.md", "kind")
	for i, row := range rows {
		n, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		if got, want := page.Kind(n).String(), row[1]; got != want {
			t.Errorf("row %d: kind %d is %q in code, %q in the document", i, n, got, want)
		}
	}
	if got, want := page.Kind(len(rows)+1).String(), "unknown"; got != want {
		t.Errorf("code has a kind %d, %q, that the document does not know", len(rows)+1, got)
	}
}

// tableRows returns the cells of the table in the Markdown file name whose first column is called first.
func tableRows(t *testing.T, name, first string) [][]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rows [][]string
	inside := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		cells := strings.Split(strings.Trim(lines.Text(), "| "), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case !strings.HasPrefix(lines.Text(), "|"):
			inside = false
		case cells[0] == first:
			inside = true
		case inside && !strings.HasPrefix(cells[0], "-"):
			rows = append(rows, cells)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("no table %q in %s", first, name)
	}
	return rows
}

func TestHeader_KeepsEveryField(t *testing.T) {
	p := make([]byte, page.SizeBytes)
	page.SetTx(p, 0x1112131415161718)
	page.SetOwner(p, 0x2122232425262728)
	page.Init(p, 0x0102030405060708, page.SectionData)
	page.SetFlags(p, 0x31)
	page.SetLower(p, 0x1234)
	page.SetUpper(p, page.SizeBytes)
	page.SetDead(p, 0x0432)
	page.SetOverflowBytes(p, page.OverflowBytesMax)
	got := []any{
		page.Number(p), page.KindOf(p), page.Flags(p), page.Lower(p), page.Upper(p), page.Dead(p),
		page.OverflowBytes(p), page.Tx(p), page.Owner(p),
	}
	want := []any{
		page.No(0x0102030405060708), page.SectionData, uint8(0x31), 0x1234, page.SizeBytes, 0x0432,
		page.OverflowBytesMax, uint64(0x1112131415161718), uint64(0x2122232425262728),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestInit_LeavesTransactionAndOwner(t *testing.T) {
	p := make([]byte, page.SizeBytes)
	fill(p)
	page.SetTx(p, 5)
	page.SetOwner(p, 6)
	page.Init(p, 7, page.Leaf)
	got := []any{page.Tx(p), page.Owner(p), page.Number(p), page.Flags(p), page.Lower(p), page.Upper(p), page.Dead(p), page.OverflowBytes(p)}
	want := []any{uint64(5), uint64(6), page.No(7), uint8(0), page.HeaderBytes, page.SizeBytes, 0, 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
