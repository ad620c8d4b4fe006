package crypt

import "github.com/rookerydb/rookery/internal/storage/page"

// Lengths.
const (
	KeyBytes   = 32 // of the database key and of each key derived from it
	TagBytes   = 16 // what authenticates a page, a record or a header
	NonceBytes = 12
)

// associatedBytes is how much of a page's header is authenticated though in clear: all before the MAC field. The nonce
// after it is authenticated by its use.
const associatedBytes = page.HeaderBytes - TagBytes - NonceBytes

// A nonce of a flush.
const (
	nonceRandomOff = 0 // 8 random bytes, drawn for each flush
	nonceCountOff  = 8 // u32, number of the flush since the environment was opened, from 1
)

// What the keys of an environment are for: the info of HKDF. A change of a format's meaning takes a new one.
const (
	pagesInfo   = "rookery pages 1"
	journalInfo = "rookery journal 1"
	headerInfo  = "rookery header 1"
)
