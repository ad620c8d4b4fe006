package config

import (
	"iter"
	"strings"
)

// Config is the outcome of Parse. It is a plain value: nobody changes it, and its slices are shared.
type Config struct {
	ServerURLs      []Endpoint // at least one
	TCPURLs         []Endpoint // at least one
	PublicURL       string     // empty: the address really bound
	PublicTCPURL    string     // empty: the address really bound
	DataDir         string     // not empty
	RunInMemory     bool
	UnsecuredAccess Access
	ConcurrentLoads int // 1 and up
	ParentProcessID int // 0: watch nobody
	Storage         Storage
	Encryption      Encryption
	Memory          Memory
	Cluster         Cluster
	Logs            Logs

	given []Entry          // every setting of the table, then accepted keys of groups, in a stable order
	byKey map[string]Entry // by lower-case key
}

// Entry is one setting with the value in force.
type Entry struct {
	Key     string
	Value   string // as text; secrets are masked
	Default string
	Origin  Origin
}

// Origin returns where the value of key came from. Unknown keys have the origin Default.
func (c Config) Origin(key string) Origin { return c.byKey[strings.ToLower(key)].Origin }

// Entries yields every known setting with its value, in the order of the table; keys of accepted groups follow.
func (c Config) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, e := range c.given {
			if !yield(e) {
				return
			}
		}
	}
}

// Source is the kind of place a value came from. A later one wins.
type Source uint8

// The sources.
const (
	Default Source = iota
	Environment
	File
	CommandLine
)

// Origin is the place a value came from.
type Origin struct {
	Source Source
	Name   string // of the variable or the file; empty otherwise
}

// String returns the origin as messages show it: "environment ROOKERY_DataDir", "command line", …
func (o Origin) String() string {
	s := [...]string{"default", "environment", "settings file", "command line"}[o.Source]
	if o.Name != "" {
		s += " " + o.Name
	}
	return s
}

// Warning is something an operator should know that does not keep the server from starting.
type Warning struct {
	Key    string
	Origin Origin
	Text   string
}

// String returns the warning as one line.
func (w Warning) String() string { return w.Key + " (" + w.Origin.String() + "): " + w.Text }

// Defaults returns the Config of a server that was given no setting at all.
func Defaults() Config {
	c, _, err := Parse(nil, nil, nil)
	if err != nil {
		panic("BUG: the default settings do not parse: " + err.Error())
	}
	return c
}
