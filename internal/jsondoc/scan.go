package jsondoc

// scan reads the whole text once: it makes p.buf canonical and builds p.index.
//
// i is the position of the next byte in the text as given. Where things happen is told by the label: before a value,
// before a field's name, behind a value.
func (p *Parser) scan() error {
	buf := p.buf
	i := 0
	object := false // the innermost open frame is an object

value:
	switch c := buf[i]; c {
	case '"':
		end, err := p.scanString(i)
		if err != nil {
			return err
		}
		i = end
	case '{', '[':
		if p.depth == DepthMax {
			return p.tooDeep(i)
		}
		k := i + 1
		if buf[k] <= ' ' {
			k = p.skipSpace(k)
		}
		if buf[k] == c+2 { // ']' is '['+2, '}' is '{'+2: nothing inside, so it has no table
			i = k + 1
			break
		}
		object = c == '{'
		p.open(object)
		i = k
		if object {
			goto field
		}
		goto element
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		end, err := p.scanNumber(i)
		if err != nil {
			return err
		}
		i = end
	case 't':
		if le32(buf[i:]) != litTrue {
			return p.unexpected(i, aValue)
		}
		i += 4
	case 'f':
		if le32(buf[i+1:]) != litAlse {
			return p.unexpected(i, aValue)
		}
		i += 5
	case 'n':
		if le32(buf[i:]) != litNull {
			return p.unexpected(i, aValue)
		}
		i += 4
	case ' ', '\t', '\n', '\r':
		// Only the root gets here: elsewhere white space was skipped before the entry was noted.
		i = p.skipSpace(i)
		goto value
	default:
		return p.unexpected(i, aValue)
	}

behind:
	if p.depth == 0 {
		if i = p.skipSpace(i); i < p.n {
			return p.unexpected(i, theEnd)
		}
		p.settle(i)
		return nil
	}
	if buf[i] <= ' ' {
		i = p.skipSpace(i)
	}
	switch buf[i] {
	case ',':
		i++
		if buf[i] <= ' ' {
			i = p.skipSpace(i)
		}
		if object {
			goto field
		}
		goto element
	case '}':
		if !object {
			return p.unexpected(i, commaOrBracket)
		}
	case ']':
		if object {
			return p.unexpected(i, commaOrBrace)
		}
	default:
		if object {
			return p.unexpected(i, commaOrBrace)
		}
		return p.unexpected(i, commaOrBracket)
	}
	if err := p.close(i); err != nil {
		return err
	}
	object = p.depth > 0 && p.frames[p.depth].object
	i++
	goto behind

element:
	p.push(uint32(i - p.gap))
	goto value

field:
	{
		if buf[i] != '"' {
			return p.unexpected(i, aName)
		}
		end, err := p.scanName(i)
		if err != nil {
			return err
		}
		i = end
	}
	if buf[i] <= ' ' {
		i = p.skipSpace(i)
	}
	if buf[i] != ':' {
		return p.unexpected(i, aColon)
	}
	i++
	if buf[i] <= ' ' {
		i = p.skipSpace(i)
	}
	goto value
}

// The literals, as they are loaded from the text. alse is false without its first letter.
const (
	litTrue = 't' | 'r'<<8 | 'u'<<16 | 'e'<<24
	litAlse = 'a' | 'l'<<8 | 's'<<16 | 'e'<<24
	litNull = 'n' | 'u'<<8 | 'l'<<16 | 'l'<<24
)

// open begins an array or object that is not empty.
func (p *Parser) open(object bool) {
	p.depth++
	p.frames[p.depth] = frame{base: int32(p.top), object: object}
}

// push notes an entry of the innermost frame, which starts at start in the canonical text.
func (p *Parser) push(start uint32) {
	if p.top == len(p.slots) {
		p.growSlots()
	}
	p.slots[p.top] = start
	p.top++
}

// skipSpace leaves out the white space from i on and returns the position behind it.
func (p *Parser) skipSpace(i int) int {
	k := i
	for isSpace(p.buf[k]) {
		k++
	}
	if k > i {
		p.drop(i, k)
	}
	return k
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
