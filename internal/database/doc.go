// Package database is one open database: its environment, its documents, and the one road by which they change.
//
// Start at DB.Do (write.go) for writes and DB.View (database.go) for reads.
//
// A write is a Command. Do puts it into the queue; whoever finds the queue without a committer becomes the committer: it
// takes what waits, runs all of it in one storage transaction, hands the role to the first command that came meanwhile, writes
// one journal record, and answers its batch. So a lone writer commits in its own goroutine, and many writers share one
// journal write. The next batch runs while the one before is written, and takes what comes for so long; nobody is
// answered before both are durable, and if the first fails so does the second. A batch never waits to be filled.
//
// A command that is refused fails alone: if it had changed nothing yet the batch simply goes on; if it had, the
// transaction is dropped and the others run again without it.
//
// Commands can be recorded to a file (recorder.go; its bytes are those of package recording) and run again (replay.go).
//
// The package starts no goroutine. Lock order: writeQueue.mu is never held while a command runs or a transaction commits.
package database
