package cluster

import "github.com/rookerydb/rookery/internal/storage"

// ValuesGone reports whether rows of databases that are gone wait to be removed.
func (c *Cluster) ValuesGone() (gone bool) {
	_ = c.env.View(func(tx *storage.ReadTx) error {
		view, ok := tx.Tree(goneTree)
		gone = ok && view.Entries() > 0
		return nil
	})
	return gone
}

// ExchangeRows returns the number of compare-exchange values of all databases, those that are gone included.
func (c *Cluster) ExchangeRows() (n uint64) {
	_ = c.env.View(func(tx *storage.ReadTx) error {
		n = c.exchange.Count(tx)
		return nil
	})
	return n
}
