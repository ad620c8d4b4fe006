package docrow

import "encoding/binary"

// Extensions are the lists in the metadata of what a document has besides its body. Each is the text of a JSON array; nil
// stands for none, and goes with the flag that is not set. They lie where the row lies.
type Extensions struct {
	Attachments []byte // @attachments: {"Name", "Hash", "ContentType", "Size"}, by name
	Counters    []byte // @counters: names
	TimeSeries  []byte // @timeseries: names
}

// extension is one of the lists: its flag, and its key in the metadata.
type extension struct {
	flag Flags
	key  string
}

// extensions are the lists in the order in which they are stored and printed.
var extensions = [...]extension{
	{HasAttachments, `"@attachments":`},
	{HasCounters, `"@counters":`},
	{HasTimeSeries, `"@timeseries":`},
}

// HasExtensions are the flags that a list goes with.
const HasExtensions = HasAttachments | HasCounters | HasTimeSeries

func (e *Extensions) lists() [len(extensions)]*[]byte {
	return [...]*[]byte{&e.Attachments, &e.Counters, &e.TimeSeries}
}

// Flags are those of the lists that are there.
func (e *Extensions) Flags() Flags {
	var f Flags
	for i, list := range e.lists() {
		if *list != nil {
			f |= extensions[i].flag
		}
	}
	return f
}

// AppendFlags appends the field of a row with the flags and, for each that says so, its list. Flags that speak of lists are
// taken from e, whatever f says.
func AppendFlags(dst []byte, f Flags, e Extensions) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(f&^HasExtensions|e.Flags()))
	for _, list := range e.lists() {
		if *list != nil {
			dst = binary.AppendUvarint(dst, uint64(len(*list)))
			dst = append(dst, *list...)
		}
	}
	return dst
}

// DecodeFlags reads what AppendFlags wrote. It is false when the field is anything else.
func DecodeFlags(field []byte) (f Flags, e Extensions, ok bool) {
	if len(field) < flagsBytes {
		return 0, Extensions{}, false
	}
	f = Flags(binary.BigEndian.Uint32(field))
	if rest := field[flagsBytes:]; len(rest) > 0 || f&HasExtensions != 0 {
		ok = e.decode(f, rest)
		return f, e, ok
	}
	return f, e, true
}

// decode reads the lists that f tells of from rest, which has nothing else in it.
func (e *Extensions) decode(f Flags, rest []byte) bool {
	for i, list := range e.lists() {
		if f&extensions[i].flag == 0 {
			continue
		}
		length, n := binary.Uvarint(rest)
		if n <= 0 || length < uint64(len("[]")) || length > uint64(len(rest)-n) {
			return false
		}
		rest = rest[n:]
		*list, rest = rest[:length:length], rest[length:]
	}
	return len(rest) == 0
}

// append appends the lists as members of the metadata, each with a comma behind.
func (e *Extensions) append(dst []byte) []byte {
	for i, list := range e.lists() {
		if *list != nil {
			dst = append(dst, extensions[i].key...)
			dst = append(append(dst, *list...), ',')
		}
	}
	return dst
}
