package database

import (
	"time"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// Written is the outcome of a put: what the caller needs to know of the stored document.
type Written struct {
	ID           string // as stored, completed by the server where asked
	Collection   string
	ChangeVector string
	Etag         int64
	LastModified time.Time
	Flags        docstore.Flags
}

func written(d docstore.Document) Written {
	return Written{
		ID: d.ID, Collection: d.Collection, ChangeVector: d.ChangeVector,
		Etag: d.Etag, LastModified: d.LastModified, Flags: d.Flags,
	}
}

// Put stores one document.
type Put struct {
	In  docstore.Put
	Out Written
}

// Run implements Command.
func (c *Put) Run(tx *storage.WriteTx, store *docstore.Store) error {
	doc, err := store.Put(tx, c.In)
	if err != nil {
		return err
	}
	c.Out = written(doc)
	return nil
}

// SizeBytes implements Command.
func (c *Put) SizeBytes() int { return len(c.In.Data) }

// Delete removes one document; a missing one is no error unless the expectation says so.
type Delete struct {
	ID       string
	Expected docstore.Expected
	Out      Deleted
}

// Deleted is the outcome of a delete.
type Deleted struct {
	Existed      bool
	ChangeVector string // of the tombstone; empty when there was nothing to delete
}

// Run implements Command.
func (c *Delete) Run(tx *storage.WriteTx, store *docstore.Store) error {
	tombstone, existed, err := store.Delete(tx, c.ID, c.Expected)
	if err != nil {
		return err
	}
	c.Out = Deleted{Existed: existed, ChangeVector: tombstone.ChangeVector}
	return nil
}

// SizeBytes implements Command.
func (c *Delete) SizeBytes() int { return len(c.ID) }

// SaveRevision keeps a document as it is now as a revision, whatever the configuration says.
type SaveRevision struct {
	ID    string
	Out   Written
	Saved bool // false when the newest revision is that already
}

// Run implements Command.
func (c *SaveRevision) Run(tx *storage.WriteTx, store *docstore.Store) error {
	doc, saved, err := store.SaveRevision(tx, c.ID)
	if err != nil {
		return err
	}
	c.Out, c.Saved = written(doc), saved
	return nil
}

// SizeBytes implements Command.
func (c *SaveRevision) SizeBytes() int { return len(c.ID) }

// DeletePrefix removes all documents whose ids begin with Prefix.
type DeletePrefix struct {
	Prefix string
	Count  int // how many there were
}

// Run implements Command.
func (c *DeletePrefix) Run(tx *storage.WriteTx, store *docstore.Store) error {
	n, err := store.DeletePrefix(tx, c.Prefix)
	c.Count = n
	return err
}

// SizeBytes implements Command.
func (c *DeletePrefix) SizeBytes() int { return len(c.Prefix) }

// Batch runs its commands in order as one: all are committed, or nothing. Later ones see what earlier ones did.
type Batch struct {
	Commands []Command
}

// Run implements Command. The error is the first command's that fails.
func (c *Batch) Run(tx *storage.WriteTx, store *docstore.Store) error {
	for _, cmd := range c.Commands {
		if err := cmd.Run(tx, store); err != nil {
			return err
		}
	}
	return nil
}

// SizeBytes implements Command.
func (c *Batch) SizeBytes() int {
	n := 0
	for _, cmd := range c.Commands {
		n += cmd.SizeBytes()
	}
	return n
}

// NextHiLo takes a range of ids for a client.
type NextHiLo struct {
	In  docstore.HiLoRequest
	Out docstore.HiLoRange
}

// Run implements Command.
func (c *NextHiLo) Run(tx *storage.WriteTx, store *docstore.Store) (err error) {
	c.Out, err = store.NextHiLo(tx, c.In)
	return err
}

// SizeBytes implements Command.
func (c *NextHiLo) SizeBytes() int { return len(c.In.Tag) }

// ReturnHiLo gives the unused end of a range back.
type ReturnHiLo struct {
	Tag       string
	Last, End int64
}

// Run implements Command.
func (c *ReturnHiLo) Run(tx *storage.WriteTx, store *docstore.Store) error {
	return store.ReturnHiLo(tx, c.Tag, c.Last, c.End)
}

// SizeBytes implements Command.
func (c *ReturnHiLo) SizeBytes() int { return len(c.Tag) }
