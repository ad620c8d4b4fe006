package timeseries

// Segment is a view of the bytes of one segment. It is valid as long as they are unchanged.
type Segment struct {
	head   head
	data   []byte
	stream []byte
}

// Open reads the head of a segment and checks its bounds, not its stream: a Cursor does that as it goes. The error is a
// *CorruptError. Nothing is copied.
func Open(data []byte) (Segment, error) {
	h, err := decodeHead(data)
	if err != nil {
		return Segment{}, err
	}
	off := headBytes + h.columns*columnBytes
	for range h.tags {
		if off >= len(data) || data[off] == 0 {
			return Segment{}, &CorruptError{Off: min(off, len(data)), Reason: "tag"}
		}
		off += 1 + int(data[off])
	}
	if off+(h.bits+7)/8 != len(data) {
		return Segment{}, &CorruptError{Off: min(off, len(data)), Reason: "the stream has another length than the head says"}
	}
	return Segment{head: h, data: data, stream: data[off:]}, nil
}

// Start returns the time of the first entry, dead or live.
func (s Segment) Start() Instant { return s.head.start }

// End returns the time of the last entry, dead or live.
func (s Segment) End() Instant { return s.head.end() }

// Entries returns how many entries there are, dead ones too: 1 to EntriesMax.
func (s Segment) Entries() int { return s.head.entries }

// Live returns how many entries are not dead.
func (s Segment) Live() int { return s.head.live }

// Columns sums up the live entries, without reading them.
func (s Segment) Columns() Columns {
	columns := make(Columns, s.head.columns)
	for i := range columns {
		columns[i], _ = s.column(i)
	}
	return columns
}

func (s Segment) column(i int) (Column, window) {
	return decodeColumn(s.data[headBytes+i*columnBytes:])
}

// tags returns the tags in the order in which entries name them, nil without any.
func (s Segment) tags() []string {
	if s.head.tags == 0 {
		return nil
	}
	list := make([]string, s.head.tags)
	off := headBytes + s.head.columns*columnBytes
	for i := range list {
		size := int(s.data[off])
		list[i] = string(s.data[off+1:][:size])
		off += 1 + size
	}
	return list
}

// lastTag returns the tag of the last entry.
func (s Segment) lastTag() string {
	if s.head.lastTag == 0 {
		return ""
	}
	return s.tags()[s.head.lastTag-1]
}

// decode returns all entries, dead ones too, with memory of their own.
func (s Segment) decode() ([]Entry, error) {
	entries := make([]Entry, 0, s.head.entries)
	values := make([]float64, 0, s.head.live*s.head.columns)
	c := s.Cursor()
	for c.Next() {
		e := c.Entry()
		from := len(values)
		values = append(values, e.Values...)
		e.Values = values[from:len(values):len(values)]
		entries = append(entries, e)
	}
	return entries, c.Err()
}

// Check reads all entries and compares them with the head. The error is a *CorruptError.
func (s Segment) Check() error {
	var columns Columns
	live := 0
	c := s.Cursor()
	for c.Next() {
		if !c.Entry().Dead {
			live++
			columns = columns.add(c.Entry().Values)
		}
	}
	switch {
	case c.Err() != nil:
		return c.Err()
	case live != s.head.live:
		return &CorruptError{Off: liveOff, Reason: "the stream has another number of live entries"}
	case len(columns) != s.head.columns:
		return &CorruptError{Off: columnsOff, Reason: "the stream has another number of columns"}
	}
	for i, want := range columns {
		if got, w := s.column(i); !got.same(want) || w != c.columns[i].window {
			return &CorruptError{Off: headBytes + i*columnBytes, Reason: "the column does not sum up the stream"}
		}
	}
	return nil
}
