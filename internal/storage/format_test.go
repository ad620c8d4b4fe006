package storage

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/storage/btree"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// sampleHeader has no field that is zero.
var sampleHeader = header{
	version: FormatVersion, env: journal.EnvID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, sequence: 0x1112131415161718,
	mark: mark{
		tx: 0x2122232425262728, nextPage: 0x3132333435363738, hash: 0x4142434445464748,
		end:     journal.Position{Journal: 0x5152535455565758, Off: 0x6162636465666768},
		catalog: btree.State{Root: 0x7172737475767778, Depth: 3, Entries: 4, LeafPages: 5, BranchPages: 6, OverflowPages: 7},
	},
	algorithm: crypt.AESGCM, mac: [16]byte{17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32},
}

func TestHeader_KeepsEveryField(t *testing.T) {
	got, err := decodeHeader(appendHeader(nil, sampleHeader))
	if err != nil {
		t.Fatal(err)
	}
	if got != sampleHeader {
		t.Errorf("got %+v, want %+v", got, sampleHeader)
	}
}

func TestHeader_FindsEveryFlippedBit(t *testing.T) {
	b := appendHeader(nil, sampleHeader)
	for bit := range len(b) * 8 {
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := decodeHeader(b); err == nil {
			t.Fatalf("flipped bit %d was not found", bit)
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
}

// FuzzDecodeHeader: no bytes make it panic, and what it accepts is encoded as it was.
func FuzzDecodeHeader(f *testing.F) {
	f.Add(appendHeader(nil, sampleHeader))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeHeader(b)
		if err != nil {
			return
		}
		if again, err := decodeHeader(appendHeader(nil, h)); err != nil || again != h {
			t.Errorf("%+v became %+v, %v", h, again, err)
		}
	})
}

// TestFormat_AgreesWithTheDocuments: the offsets in docs/format are those in the code.
func TestFormat_AgreesWithTheDocuments(t *testing.T) {
	f := func(file string, want []string) {
		t.Helper()
		if diff := cmp.Diff(want, documented(t, file)); diff != "" {
			t.Errorf("%s: code (-) and document (+) differ:\n%s", file, diff)
		}
	}
	row := func(off, bytes int, field string) string { return fmt.Sprintf("%d %d %s", off, bytes, field) }
	f("images.md", []string{
		row(imagesMagicOff, 8, "magic"), row(imagesHashOff, 8, "hash"), row(imagesEnvOff, 16, "id"), row(imagesTxOff, 8, "transaction"),
		row(imagesPrevOff, 8, "before"), row(imagesBytesOff, 8, "bytes"), row(imagesCountOff, 4, "count"),
	})
	f("environment.md", []string{
		row(magicOff, 8, "magic"), row(versionOff, 4, "version"), row(pageSizeOff, 4, "bytes"), row(envOff, 16, "id"),
		row(sequenceOff, 8, "sequence"), row(txOff, 8, "transaction"), row(nextPageOff, 8, "next"),
		row(journalOff, 8, "journal"), row(offsetOff, 8, "offset"), row(hashOff, 8, "hash"),
		row(catalogOff, btree.StateBytes, "state"), row(algorithmOff, 1, "algorithm"), row(headerMACOff, 16, "mac"), row(checkOff, 8, "checksum"),
	})
}

// documented are the rows of the offset table in a file: offset, bytes, first word of the field.
func documented(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/format/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	inside := false
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		switch {
		case !strings.HasPrefix(line, "|"):
			inside = false
		case cells[0] == "offset":
			inside = true
		case inside && !strings.HasPrefix(cells[0], "---"):
			word, _, _ := strings.Cut(cells[2], " ")
			rows = append(rows, strings.Join([]string{cells[0], cells[1], strings.TrimRight(word, ":")}, " "))
		}
	}
	return rows
}

// TestTable_MatchesMap changes a table under several owners and keeps older versions beside: none of them changes.
func TestTable_MatchesMap(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 32))
	type version struct {
		table table
		model map[page.No]*buffer
	}
	now := version{model: map[page.No]*buffer{}}
	var kept []version
	for by := owner(1); by < 60; by++ {
		model := map[page.No]*buffer{}
		maps.Copy(model, now.model)
		now.model = model
		for range 50 {
			no := page.No(random.Uint64N(1 << (random.UintN(30) + 1)))
			if random.IntN(3) == 0 {
				if got, want := now.table.remove(by, no), model[no]; got != want {
					t.Fatalf("remove of %d returned %p, want %p", no, got, want)
				}
				delete(model, no)
				continue
			}
			b := &buffer{no: no}
			if got, want := now.table.set(by, b), model[no]; got != want {
				t.Fatalf("set of %d returned %p, want %p", no, got, want)
			}
			model[no] = b
		}
		kept = append(kept, now)
	}
	for i, v := range kept {
		last, count := page.No(0), 0
		for b := range v.table.all() {
			if v.model[b.no] != b || v.table.get(b.no) != b || (count > 0 && b.no <= last) {
				t.Fatalf("version %d: page %d is wrong", i, b.no)
			}
			last = b.no
			count++
		}
		if count != len(v.model) {
			t.Fatalf("version %d: %d pages, want %d", i, count, len(v.model))
		}
	}
	for no := range now.model {
		now.table.remove(100, no)
	}
	if now.table.root != nil {
		t.Error("a table without pages still has nodes: readers would look for them")
	}
}
