package salvage

import (
	"fmt"
	"io"
	"strings"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// Report is what a run found. It is written to report.json as it stands.
type Report struct {
	Source         string  `json:"source"`
	Output         string  `json:"output"`
	ElapsedSeconds float64 `json:"elapsedSeconds"`
	// ReadBytes counts what was read of the source; the data file is read twice.
	ReadBytes          int64   `json:"readBytes"`
	MegabytesPerSecond float64 `json:"megabytesPerSecond"`

	DataBytes int64          `json:"dataBytes"` // of the data file; -1 when it is missing
	Headers   []HeaderReport `json:"headers"`
	Journals  JournalReport  `json:"journals"`
	Pages     PageReport     `json:"pages"`
	Rows      RowReport      `json:"rows"`
	Documents OutputReport   `json:"documents"`       // in documents.ravendbdump
	Deleted   OutputReport   `json:"possiblyDeleted"` // in possibly-deleted.ravendbdump

	DamagedPages  []PageDamage  `json:"damagedPages"`  // by number; each range of pages of the same kind of damage once
	DamagedValues []ValueDamage `json:"damagedValues"` // what is known to be lost, or there only in part
	Unlisted      int64         `json:"unlistedDamages,omitempty"`
	Notes         []string      `json:"notes,omitempty"`
}

// HeaderReport is what became of one header file.
type HeaderReport struct {
	File        string `json:"file"`
	Problem     string `json:"problem,omitempty"`
	Transaction uint64 `json:"transaction,omitempty"` // up to which it says the data file is complete
}

// JournalReport is what the journals gave.
type JournalReport struct {
	Ignored          bool     `json:"ignored,omitempty"` // as asked for
	Files            int      `json:"files"`
	Records          int      `json:"records"` // valid ones
	Applied          int      `json:"applied"`
	FirstTransaction uint64   `json:"firstTransaction,omitempty"` // of those applied
	LastTransaction  uint64   `json:"lastTransaction,omitempty"`
	Pages            int      `json:"pages"`    // that changed in the records applied
	Outdated         int      `json:"outdated"` // pages of which only an older version could be proven
	Problems         []string `json:"problems,omitempty"`
}

// PageReport counts pages. Those of an overflow run count one by one.
type PageReport struct {
	Total     int64            `json:"total"`
	Sound     map[string]int64 `json:"sound"`     // by kind
	Unused    int64            `json:"unused"`    // free, or never used, whatever they hold
	Damaged   int64            `json:"damaged"`   // in use, or perhaps in use
	Misplaced int64            `json:"misplaced"` // sound, but in the place of another page
}

// RowReport counts rows that were found, in all their versions.
type RowReport struct {
	Documents  Count `json:"documents"`
	Tombstones Count `json:"tombstones"`
	// Unknown are rows of kinds that this version does not know, by kind. They are not written.
	Unknown map[string]Count `json:"unknownKinds,omitempty"`
	// Superseded are documents of which there is a newer version.
	Superseded int64 `json:"superseded"`
	// Uncertain are written documents on pages of which nothing tells whether they are in use.
	Uncertain int64 `json:"uncertain"`
	Malformed int64 `json:"malformed"` // with a sound checksum, but no row that this version can have written
}

// Count is a number of things and their bytes.
type Count struct {
	Count int64 `json:"count"`
	Bytes int64 `json:"bytes"`
}

func (c *Count) add(bytes int) { c.Count++; c.Bytes += int64(bytes) }

// OutputReport is what one file got.
type OutputReport struct {
	File      string `json:"file"`
	Documents int64  `json:"documents"`
	Bytes     int64  `json:"bytes"`     // of JSON
	FileBytes int64  `json:"fileBytes"` // compressed
}

// PageDamage is a range of pages that are lost in the same way.
type PageDamage struct {
	First  page.No `json:"first"`
	Last   page.No `json:"last"`
	Reason string  `json:"reason"`
}

// ValueDamage is a value that could not be written whole.
type ValueDamage struct {
	ID string `json:"id,omitempty"` // of the document; empty when the part that has it is lost
	// Verified says that the id has passed a checksum; else it is what stands where an id should stand.
	Verified bool    `json:"idVerified"`
	Page     page.No `json:"page"`
	Reason   string  `json:"reason"`
}

// Damage says whether anything was found that is not as it should be.
func (r *Report) Damage() bool {
	for _, h := range r.Headers {
		if h.Problem != "" {
			return true
		}
	}
	return r.DataBytes < 0 || r.Pages.Damaged > 0 || r.Pages.Misplaced > 0 || len(r.DamagedValues) > 0 || r.Rows.Malformed > 0 ||
		len(r.Journals.Problems) > 0 || r.Journals.Outdated > 0
}

// damagedPage adds one page, to the range before it if that is damaged in the same way.
func (r *Report) damagedPage(no page.No, reason string) {
	r.Pages.Damaged++
	if n := len(r.DamagedPages); n > 0 && r.DamagedPages[n-1].Last+1 == no && r.DamagedPages[n-1].Reason == reason {
		r.DamagedPages[n-1].Last = no
		return
	}
	if len(r.DamagedPages) == damagesMax {
		r.Unlisted++
		return
	}
	r.DamagedPages = append(r.DamagedPages, PageDamage{First: no, Last: no, Reason: reason})
}

func (r *Report) damagedValue(d ValueDamage) {
	if len(r.DamagedValues) == damagesMax {
		r.Unlisted++
		return
	}
	r.DamagedValues = append(r.DamagedValues, d)
}

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Summary writes the report in a few lines, for people.
func (r *Report) Summary(w io.Writer) {
	fmt.Fprintf(w, "%s -> %s\n", r.Source, r.Output)
	for _, h := range r.Headers {
		if h.Problem != "" {
			fmt.Fprintf(w, "  %s: %s\n", h.File, h.Problem)
		}
	}
	if r.DataBytes < 0 {
		fmt.Fprintln(w, "  data: missing")
	}
	r.summarizeJournals(w)
	fmt.Fprintf(w, "  pages: %d, of which %d damaged, %d in the wrong place, %d unused\n",
		r.Pages.Total, r.Pages.Damaged, r.Pages.Misplaced, r.Pages.Unused)
	fmt.Fprintf(w, "  documents written: %d (%s)\n", r.Documents.Documents, r.Documents.File)
	fmt.Fprintf(w, "  possibly deleted:  %d (%s)\n", r.Deleted.Documents, r.Deleted.File)
	if n := int64(len(r.DamagedValues)); n > 0 {
		fmt.Fprintf(w, "  values known to be lost: %d\n", n)
	}
	for kind, count := range r.Rows.Unknown {
		fmt.Fprintf(w, "  rows of unknown kind %s, not written: %d\n", kind, count.Count)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
	fmt.Fprintf(w, "  %.1f s, %.0f MB/s\n", r.ElapsedSeconds, r.MegabytesPerSecond)
}

func (r *Report) summarizeJournals(w io.Writer) {
	j := r.Journals
	if j.Ignored {
		fmt.Fprintln(w, "  journals: ignored")
		return
	}
	fmt.Fprintf(w, "  journals: %d files, %d transactions applied", j.Files, j.Applied)
	if j.Outdated > 0 {
		fmt.Fprintf(w, "; %d pages only in an older version", j.Outdated)
	}
	fmt.Fprintln(w)
	if len(j.Problems) > 0 {
		fmt.Fprintf(w, "    %s\n", strings.Join(j.Problems, "\n    "))
	}
}
