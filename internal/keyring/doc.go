// Package keyring keeps the keys of encrypted databases, wrapped under one master key.
//
// Start at Keyring (keyring.go): Create, Load and Store. Where the master key comes from is in master.go: a file, a program,
// or a text that the settings hold. How keys change hands is in rotate.go.
//
// Each encrypted database has a file "key" in its directory (format.go, docs/format/key.md) with its key sealed under the
// master key, bound to the name of the directory and the id of the database. While the master key is being changed the file
// has the key twice, under the old and under the new one, so that a stop in between harms nothing.
//
// The master key is fetched when it is first needed and then kept sealed in locked memory. A master key that cannot be had, or
// is another one than the keys were wrapped with, keeps encrypted databases from opening and nothing else. Keys in clear
// are never logged, and are in no error.
//
// One caller at a time fetches the master key or changes files; the others wait with their context. There are no goroutines but
// those of os/exec.
package keyring
