package jsondoc

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// appendRune appends r, a code point or a lone surrogate, as it stands between the quotes of canonical text.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r < ' ':
		return appendControl(dst, byte(r))
	case isSurrogate(r):
		return append(dst, '\\', 'u', 'd', hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
	}
	return utf8.AppendRune(dst, r)
}

func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// AppendString appends s to dst as a JSON string in canonical form, quotes included. Surrogates in s (WTF-8, see the
// package's story) become what they were in the text; other bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendQuoted(dst, s)
	return append(dst, '"')
}

// appendQuoted appends s without quotes around it.
func appendQuoted(dst []byte, s string) []byte {
	plain := 0 // s[plain:i] is still to be copied as it is
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := decodeRune(s[i:])
		if c >= utf8.RuneSelf && size > 1 && !isSurrogate(r) {
			i += size
			continue
		}
		dst = append(dst, s[plain:i]...)
		i += size
		if isHighSurrogate(r) {
			if low, n := decodeRune(s[i:]); isLowSurrogate(low) {
				r, i = joinSurrogates(r, low), i+n
			}
		}
		dst = appendRune(dst, r)
		plain = i
	}
	return append(dst, s[plain:]...)
}

// decodeRune is utf8.DecodeRuneInString that also takes the three bytes of a surrogate.
func decodeRune(s string) (rune, int) {
	r, size := utf8.DecodeRuneInString(s)
	if size == 1 && len(s) >= 3 && s[0] == 0xED && 0xA0 <= s[1] && s[1] <= 0xBF && 0x80 <= s[2] && s[2] <= 0xBF {
		return rune(s[0]&0x0F)<<12 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return r, size
}

// isText reports whether s can be the content of a string: UTF-8, or surrogates.
func isText(s string) bool {
	if utf8.ValidString(s) {
		return true
	}
	for len(s) > 0 {
		r, size := decodeRune(s)
		if r == utf8.RuneError && size == 1 {
			return false
		}
		s = s[size:]
	}
	return true
}

// appendUnquoted appends the content of raw, what stands between the quotes of a canonical string.
func appendUnquoted(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			dst = append(dst, raw[i])
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(raw[i+2:])
			dst = appendWTF8(dst, r)
			i += 4
		default:
			dst = append(dst, c)
		}
		i += 2
	}
	return dst
}

// appendWTF8 appends r like utf8.AppendRune, surrogates included.
func appendWTF8(dst []byte, r rune) []byte {
	if isSurrogate(r) {
		return append(dst, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(dst, r)
}
