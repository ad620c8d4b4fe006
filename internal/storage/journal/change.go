package journal

import "encoding/binary"

// ChangeKind says what happened to a page.
type ChangeKind uint8

// The kinds of a change.
const (
	Diff ChangeKind = iota // ranges against the version before
	New                    // ranges against zeros; whatever had the number before is gone
	Free                   // the page or run is free; no ranges, no hash
)

// Change is what one transaction did to one page or run of pages.
type Change struct {
	Page   uint64
	Pages  int // pages in the run, 1 for a plain page
	Kind   ChangeKind
	Hash   uint64 // of the page afterwards, as storage computes it; zero for Free
	Ranges []byte // for Apply; lies in the record
}

// changeHashBytes is the width of Change.Hash in a payload.
const changeHashBytes = 8

// AppendFree appends the change that page is free.
func AppendFree(dst []byte, page uint64, pages int) []byte {
	return appendChange(dst, page, pages, Free)
}

// AppendPage appends the change of page to after, whose hash is given; before is nil for a new page.
func AppendPage(dst []byte, page, hash uint64, before, after []byte) []byte {
	kind := Diff
	if before == nil {
		kind = New
	}
	dst = appendChange(dst, page, len(after)/PageBytes, kind)
	dst = binary.LittleEndian.AppendUint64(dst, hash)
	if before == nil {
		return AppendNew(dst, after)
	}
	return AppendDiff(dst, before, after)
}

func appendChange(dst []byte, page uint64, pages int, kind ChangeKind) []byte {
	dst = binary.AppendUvarint(dst, page)
	return binary.AppendUvarint(dst, uint64(pages)<<2|uint64(kind))
}

// DecodeChange takes the first change from src. *DecodeError when there is none that is well formed.
func DecodeChange(src []byte) (c Change, rest []byte, err error) {
	page, n := binary.Uvarint(src)
	if n <= 0 {
		return Change{}, nil, &DecodeError{Reason: "a change without page number"}
	}
	src = src[n:]
	pagesAndKind, n := binary.Uvarint(src)
	if n <= 0 {
		return Change{}, nil, &DecodeError{Reason: "a change without kind"}
	}
	src = src[n:]
	pages := pagesAndKind >> 2
	if pages == 0 || pages > PayloadBytesMax/PageBytes {
		return Change{}, nil, &DecodeError{Reason: "a run of no or too many pages"}
	}
	c = Change{Page: page, Pages: int(pages), Kind: ChangeKind(pagesAndKind & 3)}
	if c.Kind == Free {
		return c, src, nil
	}
	if c.Kind > Free {
		return Change{}, nil, &DecodeError{Reason: "a change of unknown kind"}
	}
	if len(src) < changeHashBytes {
		return Change{}, nil, &DecodeError{Reason: "a change without hash"}
	}
	c.Hash = binary.LittleEndian.Uint64(src)
	src = src[changeHashBytes:]
	rest, err = skipRanges(src, c.Pages*PageBytes)
	if err != nil {
		return Change{}, nil, err
	}
	c.Ranges = src[:len(src)-len(rest)]
	return c, rest, nil
}

// PageChangeBytesMax bounds what AppendPage appends for a page or run of so many bytes: between two ranges lie more equal
// bytes than the second one's numbers take.
func PageChangeBytesMax(pageBytes int) int { return pageBytes + 64 }
