package storage

import (
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/planted"
)

// pageCrypto encrypts pages on their way to the data file, and keeps their images until they are there durably. It belongs
// to whoever flushes.
type pageCrypto struct {
	vault  *vault
	nonces *crypt.Nonces
	images *images

	// Of one flush.
	keys    *crypt.Keys
	nonce   [crypt.NonceBytes]byte
	flushed TxID    // the data file had everything up to here before
	guarded []image // gathered pages that the log may know only by their changes
}

// begin readies the keys for writing pages as of transaction upTo. end must follow.
func (c *pageCrypto) begin(flushed, synced, upTo TxID) (err error) {
	if c.nonce, err = c.nonces.Flush(); err != nil {
		return err
	}
	c.keys = c.vault.open()
	c.flushed = flushed
	c.images.begin(synced, upTo)
	return nil
}

func (c *pageCrypto) end() {
	if c.keys != nil {
		c.keys = nil
		c.vault.close()
	}
}

// seal encrypts sealed[at:], a copy of b. Unless the log since the last flush has all of the page, an image of it is wanted:
// torn, it would be nothing that changes could be applied to.
func (c *pageCrypto) seal(sealed []byte, at int, b *buffer) {
	c.keys.SealPage(sealed[at:], c.nonce)
	if b.born <= c.flushed {
		c.guarded = append(c.guarded, image{no: b.no, pages: b.pages(), at: int64(at)})
	}
}

// writeImages makes the images of the gathered pages durable.
func (c *pageCrypto) writeImages(sealed []byte) error {
	if len(c.guarded) == 0 || planted.Is(planted.SkipImages) {
		return nil
	}
	return c.images.write(c.guarded, sealed)
}

// abandon forgets what was gathered.
func (c *pageCrypto) abandon() { c.guarded = c.guarded[:0] }

// open decrypts a page as the data file has it, or, when a power cut tore it there, as its image has it. What neither has is
// zero: it was made later, or recovery finds that it is not what it should be.
func (c *pageCrypto) open(p []byte, no page.No) error {
	keys := c.vault.open()
	defer c.vault.close()
	if page.RunLen(p)*pageBytes == len(p) && keys.OpenPage(p, p, no) == nil {
		return nil
	}
	clear(p)
	found, err := c.images.read(p, no)
	if err != nil || !found {
		return err
	}
	if page.RunLen(p)*pageBytes != len(p) || keys.OpenPage(p, p, no) != nil {
		clear(p)
	}
	return nil
}
