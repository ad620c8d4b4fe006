// Package crypt seals and opens what an encrypted environment keeps on disk: pages, journal records, headers.
//
// Start at Keys in keys.go, then SealPage and OpenPage in page.go. Which bytes lie where is in format.go and, for readers
// of files, in docs/format/encryption.md; a test holds the two together.
//
// A database has one key of 32 random bytes. It never encrypts anything: each environment derives three keys from it (for
// pages, journal records, headers), and each page and each record is sealed with a key of its own, derived from the page's
// number or the record's transaction. So a nonce has to be unique only among the versions of one page, and a page that is
// copied to another place does not open there. What the keys do not tell is age: an old version of a page in its own place
// opens. Who keeps pages finds it by the transaction in the page's header, which is authenticated.
//
// The ciphers of the standard library leave their key schedules in memory that the collector frees and does not clear.
// This package clears it (erase.go). Keys are in memory from NewKeys to Wipe, and nowhere else afterwards.
//
// The package is pure: no I/O, no clock, and chance comes from the reader that the caller gives. Keys may be used by many
// goroutines at once; Wipe must be the last call.
package crypt
