package jsondoc

import "bytes"

// Check returns b as a Doc if it is, byte for byte, what Parse makes of the text inside; else a *CorruptError. It never
// panics on any bytes, and allocates in proportion to len(b) at most. The Doc is b itself, not a copy.
//
// The encoding of a text is the only one, so encoding it again and comparing is the whole of the check.
func Check(b []byte) (Doc, error) {
	p := parsers.Get().(*Parser)
	defer parsers.Put(p)
	return p.Check(b)
}

// Check is the function Check with p's memory.
func (p *Parser) Check(b []byte) (Doc, error) {
	text, err := textOf(b)
	if err != nil {
		return nil, err
	}
	out, err := p.Append(p.out[:0], text)
	if err != nil {
		return nil, &CorruptError{Off: len(b) - len(text), Msg: "the text is not JSON that we take: " + err.Error()}
	}
	if cap(out) <= scratchBytesMax {
		p.out = out
	}
	if !bytes.Equal(out, b) {
		return nil, &CorruptError{Off: firstDifference(out, b), Msg: "the bytes are not what the text is encoded as"}
	}
	return Doc(b), nil
}

// textOf returns the text inside b, if b has a header that fits it.
func textOf(b []byte) ([]byte, error) {
	if len(b) < headerFixedBytes+widthMin {
		return nil, &CorruptError{Off: len(b), Msg: "the bytes end in the header"}
	}
	if b[0] != formatMagic {
		return nil, &CorruptError{Off: 0, Msg: "the bytes do not begin as a document does"}
	}
	if b[1] > widthMax-widthMin {
		return nil, &CorruptError{Off: 1, Msg: "the width of offsets is none that we write"}
	}
	d := Doc(b)
	start := d.textOff()
	if start > len(b) {
		return nil, &CorruptError{Off: len(b), Msg: "the bytes end in the header"}
	}
	if d.textBytes() > len(b)-start {
		return nil, &CorruptError{Off: headerFixedBytes, Msg: "the text is said to be longer than the bytes"}
	}
	return b[start : start+d.textBytes()], nil
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
