// Package salvagetest builds databases whose every version is known, wrecks them, and reads what salvage wrote.
//
// Start at Build (database.go). Wreck (wreck.go) destroys pages by a seed, Read (dump.go) reads an export file. Only tests
// import it; it knows the store and its trees, which package salvage must not.
package salvagetest
