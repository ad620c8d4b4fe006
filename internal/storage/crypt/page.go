package crypt

import (
	"github.com/rookerydb/rookery/internal/invariant"
	"github.com/rookerydb/rookery/internal/storage/page"
)

// SealPage encrypts run in place, and puts tag and nonce into its header. The rest of the header stays in clear, but is
// authenticated. nonce comes from Nonces.Flush; a page must never be sealed twice with the same one.
//
// run is a whole page, or the whole overflow run: RunLen(run) pages.
func (k *Keys) SealPage(run []byte, nonce [NonceBytes]byte) {
	invariant.Assert(len(run) >= page.SizeBytes && len(run) == page.RunLen(run)*page.SizeBytes, "seal %d bytes", len(run))
	copy(page.Nonce(run), nonce[:])
	k.seal(&k.pages, uint64(page.Number(run)), page.Payload(run), page.MAC(run), page.Nonce(run), run[:associatedBytes])
}

// OpenPage decrypts page no, or the overflow run that begins with it, from src, as it is in the file, to dst. There MAC
// and nonce are zero, as in a page that was never sealed. dst may be src, else they must not overlap; it needs the length
// of the page or run, and bytes after that are left alone in both.
//
// *TamperError when src is not what SealPage made with these keys, or another page. Then the payload of dst is wiped or
// as it was, and dst must not be used.
func (k *Keys) OpenPage(dst, src []byte, no page.No) error {
	pages, err := checkPage(src, no)
	if err != nil {
		return err
	}
	src, dst = src[:pages*page.SizeBytes], dst[:pages*page.SizeBytes]
	if !k.open(&k.pages, uint64(no), page.Payload(dst), page.Payload(src), page.MAC(src), page.Nonce(src), src[:associatedBytes]) {
		return &TamperError{Part: PagePart, Number: uint64(no), Reason: BadTag}
	}
	copy(dst[:associatedBytes], src)
	clear(dst[associatedBytes:page.HeaderBytes])
	return nil
}

// checkPage returns how many pages src says that it has. Nothing of that is proved before the tag is.
func checkPage(src []byte, no page.No) (pages int, err error) {
	refuse := func(r Reason, found page.No) (int, error) {
		return 0, &TamperError{Part: PagePart, Number: uint64(no), Found: uint64(found), Reason: r}
	}
	if len(src) < page.SizeBytes {
		return refuse(BadSize, 0)
	}
	if found := page.Number(src); found != no {
		return refuse(WrongNumber, found)
	}
	if page.OverflowBytes(src) > page.OverflowBytesMax || len(src) < page.RunLen(src)*page.SizeBytes {
		return refuse(BadSize, 0)
	}
	return page.RunLen(src), nil
}
