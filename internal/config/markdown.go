package config

import (
	"fmt"
	"strings"
)

// Markdown renders the table as docs/settings.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString(markdownHead)
	list := settings()
	for _, effect := range []Effect{Acts, Harmless, Inactive} {
		fmt.Fprintf(&b, "\n## %s\n\n| setting | value | default | meaning |\n|---|---|---|---|\n", markdownTitles[effect])
		for i := range list {
			if s := &list[i]; s.Effect == effect {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Key, s.markdownValue(), s.markdownDefault(), s.Doc)
			}
		}
	}
	b.WriteString("\nAny key under these prefixes is accepted and has no effect either; one that is nearly the key of a setting that\n" +
		"acts is refused as a misspelling: ")
	for i, prefix := range groups() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "`%s*`", prefix)
	}
	b.WriteString(".\n")
	return b.String()
}

// markdownTitles are the headings of the three parts, by effect.
var markdownTitles = [...]string{
	Acts:     "Settings that act",
	Harmless: "Accepted: nothing to do",
	Inactive: "Accepted: no effect in this version",
}

const markdownHead = `# Settings

Generated from the table in ` + "`internal/config`" + `; a test keeps the two equal.

A setting comes from one of three places; the later one wins:

1. the environment: ` + "`ROOKERY_<Key>`" + `, dots as they are or as ` + "`_`" + ` (` + "`ROOKERY_ServerUrl_Tcp`" + `);
   ` + "`RAVEN_<Key>`" + ` is read as well, and yields to ` + "`ROOKERY_`" + `. Unknown variables with these prefixes are a warning.
2. the file named by ` + "`--config-path FILE`" + ` (` + "`-c FILE`" + `): a JSON object with dotted or nested keys, lists separated by
   ` + "`;`" + ` or as arrays.
3. the command line: ` + "`--Key=Value`" + `, ` + "`--Key Value`" + `, or ` + "`--Key`" + ` alone for true.

Keys are matched without regard to case. An unknown key in the file or on the command line keeps the server from
starting. An empty value means "as if it were not set". The second part below lists keys that are accepted because
there is nothing for them to do; those of the third part are accepted with a warning. A value that
asks for TLS is refused: nothing meant to be protected is served in plain text.
`

func (s *Setting) markdownValue() string {
	switch s.Type {
	case Bool:
		return "true or false"
	case Int:
		if s.Unit == NoUnit {
			return fmt.Sprintf("%d to %d", s.Min, s.Max)
		}
		return fmt.Sprintf("%d to %d %s", s.Min, s.Max, s.Unit)
	case Choice:
		return strings.Join(s.Choices, ", ")
	case Endpoints:
		return "URL"
	case Secret:
		return "text, never shown"
	case Text:
	}
	return "text"
}

func (s *Setting) markdownDefault() string {
	if s.Default == "" {
		return "unset"
	}
	return "`" + s.Default + "`"
}
