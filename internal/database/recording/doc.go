// Package recording is the file in which a database's write commands are recorded, so that they can be run again elsewhere.
//
// Start at AppendEntry (entry.go) and Reader (reader.go); the bytes stand in format.go and docs/format/recording.md.
//
// It knows commands as a kind and a list of fields. What the fields of a kind mean, and what to do with them, is for package
// database to say; it holds no file and no lock.
package recording
