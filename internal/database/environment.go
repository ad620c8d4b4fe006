package database

import (
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

// Environment is one of the environments that a database consists of, to be looked at from outside.
type Environment struct {
	Name string // unique in the database
	Type string // what it holds: "Documents"
	Dir  string
	IO   *iometrics.Recorder
	env  *storage.Env
}

// Transactions are those that are open in the environment.
func (e Environment) Transactions() []storage.Transaction { return e.env.Transactions() }

// Environments returns the database's environments; the one with the documents is the first.
func (db *DB) Environments() []Environment {
	return []Environment{{Name: "documents", Type: "Documents", Dir: db.options.Dir, IO: db.env.IO(), env: db.env}}
}

// Closing is closed when Close begins: for those who look at the database for long.
func (db *DB) Closing() <-chan struct{} { return db.closing }
