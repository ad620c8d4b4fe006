package zdict

import "encoding/binary"

// Dictionary content is chosen by the COVER algorithm (Liao, Petri, Moffat, Wirth: Effective Construction of Relative Lempel-Ziv
// Dictionaries, WWW 2016) with counts of hashes in place of a suffix array, as zstd's fast cover does: the samples are one
// text in as many parts as the dictionary will have segments; of each part in turn, the segment is taken whose strings occur
// in most samples, and these strings count no more.
//
// The builder of the zstd module itself joins frequent strings of six bytes; on documents of 1 KiB its dictionaries leave 4.1, these 5.7.

const (
	// coverStringBytes is the length of the strings that are counted: near the shortest match that pays.
	coverStringBytes = 6
	// coverHashBits makes tables of half a MiB; the strings of all samples together are about as many.
	coverHashBits = 17
	// hashReadBytes is what is read to hash a string.
	hashReadBytes = 8
)

// cover is the state of one choice.
type cover struct {
	text   []byte
	counts []uint32 // by hash: samples in which the string occurs and the dictionary does not have it yet
	window []uint16 // by hash: how often it is in the segment in hand
}

// coverContent returns at most size bytes for a dictionary, the best at the end, where matches are cheapest. Segments have
// segmentBytes or fewer.
func coverContent(samples [][]byte, size, segmentBytes int) []byte {
	c := newCover(samples)
	parts := max(1, size/segmentBytes/4) // several turns, so that later segments know what earlier ones have
	partBytes := max(len(c.text)/parts, 10*segmentBytes)
	parts = max(1, len(c.text)/partBytes)
	content := make([]byte, size)
	room := size
	for part, barren := 0, 0; room > 0 && barren < parts; part = (part + 1) % parts {
		from := part * partBytes
		segment := c.best(from, min(len(c.text), from+partBytes), segmentBytes)
		if len(segment) == 0 {
			barren++
			continue
		}
		barren = 0
		segment = segment[:min(len(segment), room)]
		room -= len(segment)
		copy(content[room:], segment)
	}
	clear(c.text) // it is a copy of values
	return content[room:]
}

func newCover(samples [][]byte) *cover {
	c := &cover{counts: make([]uint32, 1<<coverHashBits), window: make([]uint16, 1<<coverHashBits)}
	last := make([]uint32, 1<<coverHashBits) // the sample that counted last
	for i, s := range samples {
		for at := 0; at+hashReadBytes <= len(s); at++ {
			if h := coverHash(s[at:]); last[h] != uint32(i+1) {
				last[h] = uint32(i + 1)
				c.counts[h]++
			}
		}
		c.text = append(c.text, s...)
	}
	for h, n := range c.counts {
		if n == 1 { // no other sample gains by it
			c.counts[h] = 0
		}
	}
	return c
}

// best returns the segment of the text between from and to that covers most, and stops counting its strings. Empty when
// nothing there is worth having.
func (c *cover) best(from, to, segmentBytes int) []byte {
	wide := segmentBytes - coverStringBytes + 1 // strings in a segment
	begin, score := from, uint64(0)
	bestBegin, bestEnd, bestScore := from, from, uint64(0)
	for at := from; at+hashReadBytes <= to; at++ {
		h := coverHash(c.text[at:])
		if c.window[h] == 0 {
			score += uint64(c.counts[h])
		}
		c.window[h]++
		if at-begin == wide {
			score -= c.leave(begin)
			begin++
		}
		if score > bestScore {
			bestBegin, bestEnd, bestScore = begin, at+1, score
		}
	}
	for ; begin+hashReadBytes <= to; begin++ {
		c.leave(begin)
	}
	if bestScore == 0 {
		return nil
	}
	return c.take(bestBegin, bestEnd)
}

// leave takes the string at the start of the window out, and returns what it counted for.
func (c *cover) leave(at int) uint64 {
	h := coverHash(c.text[at:])
	if c.window[h]--; c.window[h] == 0 {
		return uint64(c.counts[h])
	}
	return 0
}

// take returns the text of the strings from begin to end, without those at the edges that count for nothing.
func (c *cover) take(begin, end int) []byte {
	for begin < end && c.counts[coverHash(c.text[begin:])] == 0 {
		begin++
	}
	for end > begin && c.counts[coverHash(c.text[end-1:])] == 0 {
		end--
	}
	for at := begin; at < end; at++ {
		c.counts[coverHash(c.text[at:])] = 0
	}
	return c.text[begin : end+coverStringBytes-1]
}

// coverHash is the hash of the string at the start of b, which has hashReadBytes or more.
func coverHash(b []byte) uint32 {
	const prime6Bytes = 227718039650203 // of zstd's match finders
	u := binary.LittleEndian.Uint64(b) << (8 * (hashReadBytes - coverStringBytes))
	return uint32(u * prime6Bytes >> (64 - coverHashBits))
}
