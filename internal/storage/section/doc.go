// Package section keeps rows of bytes under ids that stay while the bytes move inside their page.
//
// Start at View.Get (view.go) for reading, Sections.Insert (sections.go) for writing, and format.go for the bytes.
//
// A section is a run of pages: a header page, and data pages with rows in slots. A row id is the number of a data page and
// a slot, so Get reads one page, or one page and one run for rows over half a page, which have a run of their own.
// Small sets begin with a section of 8 pages; each further section is twice as large, up to 512.
//
// Rows go to the active page until it is full; so inserting touches one page, and a header only when the active page
// changes. A header knows for each data page how much room there is, in five levels, and stands in a list with others of
// its best level; so a page with room is found without looking at those that have none.
//
// The package decides where rows lie. It knows nothing of what they say, of transactions or of free space in the file:
// pages come from the verbs of Pages. Nothing here locks or starts a goroutine.
package section
