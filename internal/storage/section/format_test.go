package section_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/storage/section"
)

// docFields reads the rows "| offset | bytes | field |" of the document that have numbers and a name.
func docFields(t *testing.T) map[string][2]int {
	t.Helper()
	text, err := os.ReadFile("../../../docs/format/section.md")
	must(t, err)
	fields := map[string][2]int{}
	for line := range strings.Lines(string(text)) {
		cols := strings.Split(line, "|")
		if len(cols) < 5 {
			continue
		}
		off, err := strconv.Atoi(strings.TrimSpace(cols[1]))
		n, err2 := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(cols[2]), " each"))
		if name := strings.TrimSpace(cols[3]); err == nil && err2 == nil && name != "" {
			fields[name] = [2]int{off, n}
		}
	}
	return fields
}

func TestFormat_DocumentSaysTheSame(t *testing.T) {
	if diff := cmp.Diff(docFields(t), section.Fields()); diff != "" {
		t.Errorf("-document +code\n%s", diff)
	}
}

// TestFormat_DataPage spells out the bytes of a page: a change of format must come here, and to the document.
func TestFormat_DataPage(t *testing.T) {
	p := section.PageBytes()
	got := map[string][]byte{
		"lower, upper, dead": p[10:16],
		"first free, rows":   p[64:68],
		"slots":              p[68:80],
		"cells":              p[8192-14:],
	}
	want := map[string][]byte{
		"lower, upper, dead": {80, 0, 0xF2, 0x1F, 4, 0},                        // 80; 8192-14; "gone"
		"first free, rows":   {2, 0, 2, 0},                                     // slot 1; two rows
		"slots":              {0xFB, 0x1F, 5, 0, 0, 0, 0, 0, 0xF2, 0x1F, 5, 0}, // 8192-5; free, the last one; 8192-14
		"cells":              []byte("thirdgonefirst"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
