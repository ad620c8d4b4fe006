package query

import "strings"

// fold returns s in the form in which ids and collections compare: each character in lower case by itself, as the document
// store has it in its keys.
func fold(s string) string { return strings.ToLower(s) }

// distinct returns the ids in their order, each once, letters' case ignored.
func distinct(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	out := ids[:0]
	for _, id := range ids {
		if key := fold(id); !seen[key] {
			seen[key] = true
			out = append(out, id)
		}
	}
	return out
}
