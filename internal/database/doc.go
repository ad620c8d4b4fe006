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
// What is written is told to those who watch the database (outbox.go; package changes): after it is durable and can be read, so that
// who hears of it finds it; before its caller is answered, so that a watch that begins after an answer hears nothing of it,
// and whoever has an answer knows that all who watch were told.
//
// Commands can be recorded to a file (recorder.go; its bytes are those of package recording) and run again (replay.go).
//
// The package starts no goroutine. Lock order: writeQueue.mu is never held while a command runs, a transaction commits or a change
// is published; outbox.publishing stands above outbox.mu.
package database
