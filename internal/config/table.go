package config

import "strings"

// table is the settings, found by key.
type table struct {
	list  []Setting
	byKey map[string]*Setting // by lower-case key
}

func newTable() *table {
	t := &table{list: settings()}
	t.byKey = make(map[string]*Setting, len(t.list))
	for i := range t.list {
		t.byKey[strings.ToLower(t.list[i].Key)] = &t.list[i]
	}
	return t
}

// accepted reports whether key, in lower case and not in the table, belongs to a group of which any key is accepted.
// What is nearly the key of a setting that acts is taken for a misspelling: ignoring it would hide the mistake.
func (t *table) accepted(key string) bool {
	for _, prefix := range groups() {
		prefix = strings.ToLower(prefix)
		if strings.HasPrefix(key, prefix) && len(key) > len(prefix) {
			return !t.misspelt(key)
		}
	}
	return false
}

func (t *table) misspelt(key string) bool {
	for i := range t.list {
		s := &t.list[i]
		if s.Effect == Acts && editDistance(key, strings.ToLower(s.Key)) <= misspeltDistanceMax {
			return true
		}
	}
	return false
}

// suggest returns the known key nearest to the unknown one, or "" when none is near. Of equally near ones, the first.
func (t *table) suggest(unknown string) string {
	unknown = strings.ToLower(unknown)
	nearest, best := suggestDistanceMax+1, ""
	for i := range t.list {
		key := t.list[i].Key
		d := editDistance(unknown, strings.ToLower(key))
		if d < nearest && d <= len(key)/2 { // more edits than half the key is another word
			nearest, best = d, key
		}
	}
	return best
}

// editDistance counts the insertions, deletions, substitutions and swaps of neighbours that turn a into b, by the
// dynamic programme of Wagner and Fischer with the transposition of Damerau (optimal string alignment). It counts
// bytes: keys are ASCII.
func editDistance(a, b string) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
