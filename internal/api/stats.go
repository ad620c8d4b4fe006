package api

import (
	"strconv"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// getStats answers with the figures of one database.
func (h *handler) getStats(r *request) error {
	if err := r.stats(); err != nil {
		return err
	}
	r.str(`}`)
	return nil
}

// getDetailedStats is getStats with the counts that are dearer to find in other systems.
func (h *handler) getDetailedStats(r *request) error {
	if err := r.stats(); err != nil {
		return err
	}
	return h.server.Cluster().ViewValues(r.dbName, func(v *cluster.ValueView) error {
		counts, err := v.Counts()
		r.member(`,"CountOfIdentities":`, counts.Identities)
		r.member(`,"CountOfCompareExchange":`, counts.CompareExchange)
		r.str(`,"CountOfCompareExchangeTombstones":0,"CountOfTimeSeriesDeletedRanges":0}`)
		return err
	})
}

// stats appends the figures without the closing brace. What this version does not keep counts as 0, which is the truth.
func (r *request) stats() error {
	s, err := r.db.Stats()
	if err != nil {
		return err
	}
	r.member(`{"LastDocEtag":`, s.Documents.LastDocumentEtag)
	r.member(`,"LastDatabaseEtag":`, s.Documents.LastEtag)
	r.str(`,"CountOfIndexes":0`)
	r.member(`,"CountOfDocuments":`, s.Documents.Documents)
	r.member(`,"CountOfRevisionDocuments":`, s.Documents.Revisions)
	r.str(`,"CountOfDocumentsConflicts":0`)
	r.member(`,"CountOfTombstones":`, s.Documents.Tombstones)
	r.str(`,"CountOfConflicts":0,"CountOfAttachments":0,"CountOfUniqueAttachments":0,"CountOfCounterEntries":0,"CountOfTimeSeriesSegments":0,"Indexes":[]`)
	r.str(`,"DatabaseChangeVector":`)
	r.quote(s.Documents.ChangeVector)
	r.str(`,"DatabaseId":`)
	r.quote(r.db.ID())
	r.member(`,"NumberOfTransactionMergerQueueOperations":`, int64(s.WritesQueued))
	r.str(`,"Is64Bit":`)
	r.bool(strconv.IntSize == 64)
	r.str(`,"Pager":"Rookery.MappedFile","LastIndexingTime":null,"SizeOnDisk":`)
	r.size(s.Storage.DataBytes + (s.Storage.Journals.Bytes + s.Storage.Journals.SpareBytes))
	r.str(`,"TempBuffersSizeOnDisk":`)
	r.size(0)
	r.str(`,"Storage":{"TransactionId":`)
	r.int(int64(s.Storage.Tx))
	r.member(`,"DataFileBytes":`, s.Storage.DataBytes)
	r.member(`,"JournalFileBytes":`, (s.Storage.Journals.Bytes + s.Storage.Journals.SpareBytes))
	r.member(`,"UnflushedBytes":`, s.Storage.UnflushedBytes)
	r.member(`,"SlowIO":`, int64(s.Storage.SlowIO))
	r.str(`}`)
	return nil
}

// member appends a name, with the punctuation around it, and a whole number.
func (r *reply) member(name string, n int64) {
	r.str(name)
	r.int(n)
}

// getCollectionStats answers with the number of documents in each collection.
func (h *handler) getCollectionStats(r *request) error {
	return r.collections(func(c docstore.CollectionStats) { r.int(c.Documents) })
}

// getDetailedCollectionStats adds the bytes that each collection takes.
func (h *handler) getDetailedCollectionStats(r *request) error {
	return r.collections(func(c docstore.CollectionStats) {
		r.str(`{"Name":`)
		r.quote(c.Name)
		r.member(`,"CountOfDocuments":`, c.Documents)
		r.str(`,"Size":`)
		r.size(c.SizeBytes + c.TombstoneBytes + c.RevisionBytes)
		r.str(`,"DocumentsSize":`)
		r.size(c.SizeBytes)
		r.str(`,"TombstonesSize":`)
		r.size(c.TombstoneBytes)
		r.str(`,"RevisionsSize":`)
		r.size(c.RevisionBytes)
		r.str(`}`)
	})
}

// collections appends the totals and, for each collection that has documents, what one writes.
func (r *request) collections(one func(docstore.CollectionStats)) error {
	return r.db.View(func(tx *storage.ReadTx) error {
		list, err := r.db.Store().Collections(tx)
		if err != nil {
			return err
		}
		var total int64
		for _, c := range list {
			total += c.Documents
		}
		r.member(`{"CountOfDocuments":`, total)
		r.str(`,"CountOfConflicts":0,"Collections":{`)
		first := true
		for _, c := range list {
			if c.Documents == 0 {
				continue
			}
			if !first {
				r.str(`,`)
			}
			first = false
			r.quote(c.Name)
			r.str(`:`)
			one(c)
		}
		r.str(`}}`)
		return nil
	})
}
