// Package salvage gets documents out of an environment that does not open any more.
//
// Start at Run (salvage.go), the steps of one run. It reads the data file forward, page by page (scan.go), and finds rows
// by what pages and rows say of themselves; there is no tree in this package, nor in any package below it, and a test
// keeps it so. Journals are applied in memory first (records.go, overlay.go), as far as they are valid.
//
// A page counts when its checksum agrees. Which of the pages are in use is asked of the bitmap and of the headers of
// sections (place.go); where these are gone, pages get the benefit of the doubt. Of all versions of an id the newest wins
// (ledger.go). What was deleted, or lies where nothing is in use, goes to a file of its own. So the scan runs twice: once
// to see which versions there are, once to write those that won (dump.go). Nothing is guessed: what is written has passed
// the checksum of its page, the checksum of its row, and jsondoc.Check.
//
// Source files are opened to read only. Memory is bounded (limits.go): what does not fit goes to temporary files beside
// the output. Run works in the caller's goroutine and one for each file that it compresses, which end before it returns.
// The package knows documents and tombstones; rows of other kinds are counted.
package salvage
