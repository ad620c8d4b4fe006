// Package freespace knows which pages of a data file are free, as a bitmap kept in pages of the file itself.
//
// Start at Space.Alloc and Space.Free (space.go). How runs of clear bits are found is in finder.go (all of them, in order),
// finder_back.go (the same from the end) and fit.go (the best one near a wanted place). The bytes are described in format.go and docs/format/freespace.md.
//
// Bitmap pages stand at fixed numbers and are changed like any page inside the write transaction, so taking or giving back
// a page never takes or gives back a page for the bitmap; only when the file grows into a new span does one come into use.
//
// The package does no I/O, takes no locks and starts no goroutine. It knows nothing of what pages hold.
package freespace
