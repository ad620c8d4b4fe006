package config

import (
	"strings"
)

// given is one key and value as a source gave it.
type given struct {
	key    string // as written
	text   string
	origin Origin
}

// Parse reads the settings from the environment (lines NAME=value), the file that args name with --config-path, and
// args themselves (without the program's name); the later source wins, and so does the later mention in one source.
// An empty value means "as if it were not set".
//
// readFile is called only when args name a file. Errors: *UnknownSettingError, *InvalidSettingError,
// *UnsupportedSettingError, *ArgumentError, *FileError.
func Parse(args, env []string, readFile func(string) ([]byte, error)) (Config, []Warning, error) {
	t := newTable()
	p := parser{table: t, chosen: map[string]given{}}

	fromArgs, path, err := readArguments(args, t)
	if err != nil {
		return Config{}, nil, err
	}
	for _, g := range readEnvironment(env) {
		p.takeEnvironment(g)
	}
	if path != "" {
		list, err := readSettingsFile(path, readFile)
		if err != nil {
			return Config{}, nil, err
		}
		p.takeAll(list)
	}
	p.takeAll(fromArgs)
	if p.err != nil {
		return Config{}, nil, p.err
	}
	return p.finish()
}

// parser gathers the winning value of each key; the first error sticks.
type parser struct {
	table    *table
	chosen   map[string]given // by lower-case key
	extra    []string         // lower-case keys of accepted groups, in the order of their first mention
	warnings []Warning
	err      error
}

func (p *parser) takeAll(list []given) {
	for _, g := range list {
		if p.err == nil {
			p.err = p.take(g)
		}
	}
}

// takeEnvironment is take for variables, of which unknown ones are only worth a warning.
func (p *parser) takeEnvironment(g given) {
	if p.take(g) == nil {
		return
	}
	text := "is no setting, and is ignored"
	if s := p.table.suggest(g.key); s != "" {
		text += "; did you mean " + s + "?"
	}
	p.warnings = append(p.warnings, Warning{Key: g.key, Origin: g.origin, Text: text})
}

func (p *parser) take(g given) error {
	key := strings.ToLower(g.key)
	if _, ok := p.table.byKey[key]; !ok {
		if !p.table.accepted(key) {
			return &UnknownSettingError{Key: g.key, Origin: g.origin, Suggestion: p.table.suggest(g.key)}
		}
		if _, ok := p.chosen[key]; !ok {
			p.extra = append(p.extra, key)
		}
	}
	p.chosen[key] = g
	return nil
}

// finish reads the texts by type and puts them where they act.
func (p *parser) finish() (Config, []Warning, error) {
	c := Config{byKey: make(map[string]Entry, len(p.table.list)+len(p.extra))}
	for i := range p.table.list {
		if err := p.set(&c, &p.table.list[i]); err != nil {
			return Config{}, nil, err
		}
	}
	for _, key := range p.extra {
		g := p.chosen[key]
		p.keep(&c, Entry{Key: g.key, Value: g.text, Origin: g.origin})
		p.warnInactive(g.key, g.origin)
	}
	if err := c.completeTCP(); err != nil {
		return Config{}, nil, err
	}
	return c, p.warnings, nil
}

func (p *parser) set(c *Config, s *Setting) error {
	g, isGiven := p.chosen[strings.ToLower(s.Key)]
	if !isGiven || g.text == "" {
		g = given{text: s.Default} // its zero origin is Default
	}
	if why := s.whyRefused(c, g); why != "" {
		return &UnsupportedSettingError{Key: s.Key, Value: s.shown(g.text), Origin: g.origin, Why: why}
	}
	v, want := s.read(g.text)
	if want != "" {
		return &InvalidSettingError{Key: s.Key, Value: s.shown(g.text), Origin: g.origin, Want: want}
	}
	if s.store != nil {
		s.store(c, v)
	}
	p.keep(c, Entry{Key: s.Key, Value: s.shown(g.text), Default: s.Default, Origin: g.origin})
	if s.Effect == Inactive && g.origin.Source != Default {
		p.warnInactive(s.Key, g.origin)
	}
	return nil
}

// whyRefused says why this version does not take what was given; empty when it does.
func (s *Setting) whyRefused(c *Config, g given) string {
	if s.environmentOnly && g.text != "" && g.origin.Source > Environment {
		return "others see what stands there; it is taken from the environment only"
	}
	if s.refuse == nil {
		return ""
	}
	return s.refuse(c, g.text)
}

func (p *parser) warnInactive(key string, o Origin) {
	p.warnings = append(p.warnings, Warning{Key: key, Origin: o, Text: "is accepted and has no effect in this version"})
}

func (p *parser) keep(c *Config, e Entry) {
	c.given = append(c.given, e)
	c.byKey[strings.ToLower(e.Key)] = e
}

// shown is the text as messages and listings may show it.
func (s *Setting) shown(text string) string {
	if s.Type == Secret && text != "" {
		return "***"
	}
	return text
}
