package query

import (
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/rql"
)

// parameters are the values that came with the query.
type parameters struct{ doc jsondoc.Doc }

// of returns the value of the parameter p. A parameter without a value is a *ParameterError.
func (ps parameters) of(p *rql.Param) (jsondoc.Value, error) {
	if len(ps.doc) > 0 {
		if v, ok := ps.doc.Root().Field(p.Name); ok {
			return v, nil
		}
	}
	return jsondoc.Value{}, &ParameterError{p.Pos, p.Name, "has no value"}
}

// texts returns the texts among the values; of a parameter that is an array, those among its items. What is not a text is left
// out, because no id is equal to it.
func (ps parameters) texts(values []rql.Value) ([]string, error) {
	var all []string
	for _, v := range values {
		switch v := v.(type) {
		case *rql.StringLit:
			all = append(all, v.Text)
		case *rql.Param:
			value, err := ps.of(v)
			if err != nil {
				return nil, err
			}
			all = appendTexts(all, value)
		case *rql.Path, *rql.Call:
			return nil, &UnsupportedError{
				v.Position(), "comparing id() with " + rql.FormatValue(v) + " is not part of this version",
				"compare it with texts or parameters",
			}
		}
	}
	return all, nil
}

func appendTexts(dst []string, v jsondoc.Value) []string {
	switch v.Kind() {
	case jsondoc.String:
		return append(dst, v.Str())
	case jsondoc.Array:
		for item := range v.Items() {
			if item.Kind() == jsondoc.String {
				dst = append(dst, item.Str())
			}
		}
	default: // no id is anything but a text
	}
	return dst
}

// isArray reports whether v is a parameter whose value is an array. A missing parameter is reported where it is read.
func (b *planner) isArray(v rql.Value) bool {
	p, ok := v.(*rql.Param)
	if !ok {
		return false
	}
	value, err := b.params.of(p)
	return err == nil && value.Kind() == jsondoc.Array
}
