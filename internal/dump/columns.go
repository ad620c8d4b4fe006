package dump

import (
	"strings"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// Columns of a CSV file are paths into documents: names joined by dots. A name with a dot, a quote or white space at an end in it, one
// that is empty, and one that begins with @ at the outermost level (but @metadata) stands in single quotes, quotes in it
// twice: 'first.name'.x. Two short forms lead into the metadata: @id and @collection.
const (
	metadataName   = "@metadata"
	idName         = "@id"
	collectionName = "@collection"
)

// parseColumn returns the names of a path. The error is a *HeaderError.
func parseColumn(column string) ([]string, error) {
	if column == idName || column == collectionName {
		return []string{metadataName, column}, nil
	}
	var path []string
	rest := column
	for {
		name, quoted, after, ok := cutName(rest)
		if !ok {
			return nil, &HeaderError{Column: column, Msg: "a quote is not closed, or something stands behind it"}
		}
		if name == "" && !quoted {
			return nil, &HeaderError{Column: column, Msg: "a name is empty (an empty name is written '')"}
		}
		if len(path) == 0 && !quoted && name[0] == '@' && name != metadataName {
			return nil, &HeaderError{Column: column, Msg: "only @id, @collection and @metadata begin with @ (a property of that name stands in single quotes)"}
		}
		path = append(path, name)
		if after == "" {
			break
		}
		rest = after[1:] // behind the dot
	}
	if len(path) >= jsondoc.DepthMax {
		return nil, &HeaderError{Column: column, Msg: "the path is too deep"}
	}
	return path, nil
}

// cutName cuts the first name off a path. after is empty, or begins with the dot.
func cutName(path string) (name string, quoted bool, after string, ok bool) {
	if !strings.HasPrefix(path, "'") {
		i := strings.IndexByte(path, '.')
		if i < 0 {
			i = len(path)
		}
		return path[:i], false, path[i:], true
	}
	var b strings.Builder
	for i := 1; i < len(path); i++ {
		if path[i] != '\'' {
			b.WriteByte(path[i])
			continue
		}
		if i+1 < len(path) && path[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		after = path[i+1:]
		return b.String(), true, after, after == "" || after[0] == '.'
	}
	return "", true, "", false
}

// columnOf returns the path as it stands in a header.
func columnOf(path []string) string {
	if len(path) == 2 && path[0] == metadataName && (path[1] == idName || path[1] == collectionName) {
		return path[1]
	}
	var b strings.Builder
	for i, name := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		if needsQuotes(name, i == 0) {
			b.WriteString("'" + strings.ReplaceAll(name, "'", "''") + "'")
		} else {
			b.WriteString(name)
		}
	}
	return b.String()
}

func needsQuotes(name string, outermost bool) bool {
	return name == "" || strings.ContainsAny(name, ".'") || strings.TrimSpace(name) != name ||
		outermost && name[0] == '@' && name != metadataName
}

// leaf reports whether v is a cell of its own: all but objects with something in them.
func leaf(v jsondoc.Value) bool { return v.Kind() != jsondoc.Object || v.Len() == 0 }

// Columns are the columns of a CSV file that is to be written, in their order. The zero value is ready, and empty.
type Columns struct {
	names []string
	cells map[string]int // from a column's name to its place
}

// Note adds columns for what doc has and there is no column for yet, in the order of the document; @id and @collection
// come first. The error is a *TooLargeError when there are more than ColumnsMax.
func (c *Columns) Note(doc jsondoc.Doc) error {
	if len(c.names) == 0 {
		c.add(idName)
		c.add(collectionName)
	}
	return c.note(doc.Root(), nil)
}

func (c *Columns) note(v jsondoc.Value, path []string) error {
	for name, value := range v.Fields() {
		below := append(path, name)
		if !leaf(value) {
			if err := c.note(value, below); err != nil {
				return err
			}
			continue
		}
		if column := columnOf(below); !c.has(column) {
			if len(c.names) == ColumnsMax {
				return &TooLargeError{What: "columns of a CSV file", Max: ColumnsMax}
			}
			c.add(column)
		}
	}
	return nil
}

func (c *Columns) has(column string) bool {
	_, ok := c.cells[column]
	return ok
}

func (c *Columns) add(column string) {
	if c.cells == nil {
		c.cells = map[string]int{}
	}
	c.cells[column] = len(c.names)
	c.names = append(c.names, column)
}

// Names returns the columns as they stand in the header. The slice is not to be changed.
func (c *Columns) Names() []string { return c.names }

// ColumnsOf returns columns that the caller names. Errors: *HeaderError for a path that cannot be read or comes twice,
// *TooLargeError.
func ColumnsOf(names ...string) (*Columns, error) {
	if len(names) > ColumnsMax {
		return nil, &TooLargeError{What: "columns of a CSV file", Max: ColumnsMax}
	}
	c := &Columns{}
	for _, name := range names {
		path, err := parseColumn(name)
		if err != nil {
			return nil, err
		}
		column := columnOf(path)
		if c.has(column) {
			return nil, &HeaderError{Column: name, Msg: "comes twice"}
		}
		c.add(column)
	}
	return c, nil
}
