// Package mask turns ids into texts for the outside, and back.
//
// Start at Ring. An id such as orders/830-A tells what it is, how many there are, and lets whoever sees one try the next. What
// Ring.Mask makes of it tells nothing: the same letters for all kinds of ids, no order, and a text that somebody made up or
// changed is refused. The same id gives the same text under the same key, so that it can stand in a URL that is kept.
//
// The id is padded, encrypted with AES-SIV (siv.go, RFC 5297), which is deterministic and authenticated, and written in
// Base58 (base58.go). docs/format/masked-id.md has the bytes. What is not hidden: which of two texts stand for the same id, and the length
// of an id in steps of 16 bytes. The package needs the standard library only, and no server.
package mask
