package freespace

// Hints remembers what searches learned about the spans, so that a file without free pages is not searched again for each
// page. The zero Hints knows nothing, which is always right.
//
// It belongs to the one writer of an environment, across its transactions. What it says may be too hopeful, never too
// gloomy: a run that it denies would be lost. So Drop it when a transaction that used it is rolled back.
type Hints struct{ spans []hint }

// hint is what is known of one span.
type hint struct {
	fullWords int // so many words from the start have no free cell
	noRunOver int // no run is longer than this
}

// Drop forgets everything.
func (h *Hints) Drop() { h.spans = h.spans[:0] }

// of returns the hint for a span. The pointer holds until the next call.
func (h *Hints) of(span int) *hint {
	for len(h.spans) <= span {
		h.spans = append(h.spans, hint{noRunOver: SpanPages})
	}
	return &h.spans[span]
}

// missed notes that the whole span has no run of n cells.
func (h *hint) missed(n int) { h.noRunOver = min(h.noRunOver, n-1) }

// taken notes that cells were marked as busy.
func (h *hint) taken(cells Cells) {
	for h.fullWords < cells.words() && cells.word(h.fullWords) == ^uint64(0) {
		h.fullWords++
	}
}

// freed notes that n cells from cell on are free, perhaps between two of the longest runs.
func (h *hint) freed(cell, n int) {
	h.fullWords = min(h.fullWords, cell/wordBits)
	h.noRunOver = min(2*h.noRunOver+n, SpanPages)
}
