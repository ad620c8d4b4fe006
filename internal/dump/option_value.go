package dump

import (
	"slices"
	"strings"

	"github.com/rookerydb/rookery/internal/jsondoc"
)

// optionValue is the value of one option, which is read as what it should be. err says what is wrong, if something is.
type optionValue struct {
	name string
	v    jsondoc.Value
	err  error
}

func (p *optionValue) fail(msg string) { p.err = &OptionError{Option: p.name, Msg: msg} }

func (p *optionValue) want(what string) {
	p.fail(what + " was expected, and this is " + article(p.v.Kind()))
}

func (p *optionValue) bool() bool {
	b, ok := p.v.Bool()
	if !ok {
		p.want("true or false")
	}
	return b
}

func (p *optionValue) count() int {
	n, ok := p.v.Int64()
	if !ok || n < 0 || n > countMax {
		p.fail("a whole number from 0 to 2,147,483,647 was expected")
		return 0
	}
	return int(n)
}

// countMax is the protocol's largest number of steps or reads: an int of 32 bits.
const countMax = 1<<31 - 1

func (p *optionValue) string() string {
	if p.v.Kind() != jsondoc.String {
		p.want("a string")
	}
	return p.v.Str()
}

func (p *optionValue) strings() []string {
	if p.v.Kind() != jsondoc.Array {
		p.want("an array of strings")
		return nil
	}
	var list []string
	for v := range p.v.Items() {
		if v.Kind() != jsondoc.String {
			p.fail("an array of strings was expected, and it holds " + article(v.Kind()))
			return nil
		}
		list = append(list, v.Str())
	}
	return list
}

func (p *optionValue) kinds() Kinds {
	kinds, err := ParseKinds(p.string())
	if p.err == nil {
		p.err = err
	}
	return kinds
}

// recordParts takes an array, as Node.js clients send it, or names joined by commas, as others do.
func (p *optionValue) recordParts() []string {
	var list []string
	if p.v.Kind() == jsondoc.String {
		for name := range strings.SplitSeq(p.v.Str(), ",") {
			list = append(list, strings.TrimSpace(name))
		}
	} else {
		list = p.strings()
	}
	for _, name := range list {
		if !slices.Contains(recordParts, name) {
			p.fail("a database record has no part " + quote(name))
			return nil
		}
	}
	return list
}

func (p *optionValue) compression() Compression {
	name := p.string()
	for c, n := range algorithmNames {
		if n == name {
			return c
		}
	}
	if p.err == nil {
		p.fail("there is no algorithm " + quote(name) + " (Gzip and Zstd are there)")
	}
	return AnyCompression
}
