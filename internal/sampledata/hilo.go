package sampledata

import "iter"

// rangeSize is the smallest range of ids that clients reserve; counters stand at a multiple of it.
const rangeSize = 32

// idCounter is the document from which clients reserve ranges of ids for one collection.
type idCounter struct {
	Max      int      // the highest number given out
	Metadata metadata `json:"@metadata"`
}

// idCounters yields one counter for each collection, above every number that the collection uses.
func idCounters() iter.Seq2[string, any] {
	counts := []struct {
		prefix string
		used   int
	}{
		{"categories", categoryCount},
		{"companies", companyCount},
		{"employees", employeeCount},
		{"orders", orderCount},
		{"products", productCount},
		{"regions", regionCount},
		{"shippers", shipperCount},
		{"suppliers", supplierCount},
	}
	return func(yield func(string, any) bool) {
		for _, c := range counts {
			ranges := (c.used + rangeSize - 1) / rangeSize
			if !yield("Raven/Hilo/"+c.prefix, idCounter{Max: ranges * rangeSize, Metadata: metadata{"@hilo"}}) {
				return
			}
		}
	}
}
