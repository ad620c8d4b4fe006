package docstore

import "github.com/rookerydb/rookery/internal/docstore/docrow"

// Bounds. Passing one of the first two is an error of kind TooLarge.
const (
	// IDBytesMax bounds an id as given, in bytes of UTF-8.
	IDBytesMax = docrow.IDBytesMax
	// CollectionBytesMax bounds the name of a collection, which stands in the key of an index with the etag.
	CollectionBytesMax = 512
	// hiLoSizeMax bounds a range of ids given to one client: what a client that never comes back can waste at once.
	hiLoSizeMax = 1 << 20
	// hiLoSizeMin is the first range and the smallest: one request for 32 documents.
	hiLoSizeMin = 32

	// namesMax bounds the names of collections kept in memory. Further ones are made anew for each document read.
	namesMax = 1024
	// scratchBytesMax is how much memory a store keeps from one write to the next. What huge documents need is given back.
	scratchBytesMax = 1 << 20
)
