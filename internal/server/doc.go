// Package server is one node: it opens the databases that the cluster has decided on, and hands them out.
//
// Start at Open and Database (server.go). The cluster decides, the server obeys: the reconcile loop (reconcile.go)
// compares each new cluster.State with what is open. For every database that has to change it starts a unit (unit.go),
// which brings that one database to where it should be: open, closed, or gone. Units of one database follow each other;
// units of different databases run side by side.
//
// What callers see is a directory (directory.go), an immutable map behind an atomic pointer, so that finding an open
// database takes one load and one lookup. A database that cannot be opened is faulty: whoever asks for it gets the
// reason, and all others run.
//
// Changes (change.go) propose a cluster command and wait until this node has done its part of it.
//
// Work that needs a database closed, such as compacting it (compact.go), is a unit of its own (offline.go). Long operations are kept
// by package operation.
//
// On disk (layout.go): DataDir/lock, DataDir/System for the cluster's log, DataDir/Databases/<name> for each database.
// DESIGN.md lists the goroutines and what each waits on.
package server
