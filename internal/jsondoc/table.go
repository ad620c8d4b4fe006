package jsondoc

// close ends the innermost array or object, whose closing bracket stands at i: its table is appended to the index, and
// the entry that it is leads there.
func (p *Parser) close(i int) error {
	f := p.frames[p.depth]
	base := int(f.base)
	n := p.top - base
	wide := f.object && n > linearFieldsMax
	if wide {
		p.settle(i) // names are compared where they belong
		if twice := p.sortNames(base); twice >= 0 {
			return p.duplicateLate(base + twice)
		}
	}
	start := uint32(0)
	if base > 0 {
		start = p.slots[base-1]
	}
	p.appendTable(base, n, f.object, wide, start)
	if len(p.index) > IndexBytesMax {
		return p.indexTooLarge()
	}
	p.top = base
	p.depth--
	if base > 0 {
		p.slots[base-1] = tableMark | uint32(len(p.index))
	}
	return nil
}

// appendTable appends the table of the n entries from slot base on; start is where their parent starts.
func (p *Parser) appendTable(base, n int, object, wide bool, start uint32) {
	w := p.width
	end := len(p.index) + n*w + w + countBytes(n)
	switch {
	case wide:
		end += n * w
	case object:
		end += n
	}
	index := p.index
	flag := slotFlag(w)
	for _, s := range p.slots[base:p.top] {
		if s&tableMark != 0 {
			s = flag | (uint32(end) - s&^tableMark)
		}
		index = appendUint(index, s, w)
	}
	switch {
	case wide:
		for _, nm := range p.names {
			index = appendUint(index, uint32(nm.field), w)
		}
	case object:
		index = append(index, p.prints[base:p.top]...)
	}
	index = appendUint(index, start, w)
	p.index = appendCount(index, n)
}

func countBytes(n int) int {
	if n < countLong {
		return 1
	}
	return countLongBytes
}

func appendCount(dst []byte, n int) []byte {
	if n < countLong {
		return append(dst, byte(n))
	}
	return append(appendUint(dst, uint32(n), 4), countLong)
}

// entryStart returns where the entry of a slot starts in the canonical text.
func (p *Parser) entryStart(slot uint32) int {
	if slot&tableMark == 0 {
		return int(slot)
	}
	end := int(slot &^ tableMark)
	if p.index[end-1] == countLong {
		return getUint(p.index, end-countLongBytes-p.width, p.width)
	}
	return getUint(p.index, end-1-p.width, p.width)
}
