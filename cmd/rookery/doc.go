// Command rookery is the database server and the tools for its data directories.
//
// Start at main.go, the list of commands; node.go runs a node: settings, storage, HTTP, and the ways to stop it.
package main
