package section

import "github.com/rookerydb/rookery/internal/storage/page"

// Usage says what the pages of sections are taken by. All together they are the bytes of State.Pages and State.OverflowPages.
type Usage struct {
	RowBytes    uint64 // rows, as their owners see them
	DeadBytes   uint64 // of rows that are gone, until their page is put in order
	FreeBytes   uint64 // room for rows in pages that were made
	UnmadeBytes uint64 // pages that hold nothing yet
	OtherBytes  uint64 // headers, slots, stubs, and the ends of overflow runs
}

// Measure reads every page with rows, but no overflow run. *CorruptError, or the error of a page that cannot be read.
func Measure(v View) (Usage, error) {
	s := v.state
	u := Usage{RowBytes: s.Bytes}
	err := v.eachSection(func(h headerPage) (err error) {
		u.UnmadeBytes += uint64(h.pages()-1-h.made()) * page.SizeBytes
		for i := 0; i < h.made() && err == nil; i++ {
			page.Within(v.reader, func() { err = v.measurePage(h.data(i), &u) })
		}
		return err
	})
	total := (s.Pages + s.OverflowPages) * page.SizeBytes
	known := u.RowBytes + u.DeadBytes + u.FreeBytes + u.UnmadeBytes
	if err == nil && known > total {
		err = corrupt(s.First, "rows take more bytes than there are pages")
	}
	u.OtherBytes = total - known
	return u, err
}

func (v View) measurePage(no page.No, u *Usage) error {
	d, err := readData(v.reader, no)
	if err != nil {
		return err
	}
	u.DeadBytes += uint64(page.Dead(d))
	u.FreeBytes += uint64(page.Upper(d) - page.Lower(d))
	return nil
}
