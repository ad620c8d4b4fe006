// Package cluster decides: which nodes there are, which databases, and what their records say.
//
// Start at Propose (cluster.go), the one road for a decision, and at Apply (apply.go), which says what a decision does.
//
// A decision is a Command. Propose puts it, with the time and the random ids that it needs, into the Raft log; once the
// log entry is durable on a majority, the raft loop hands it to Apply, a pure function from one State to the next, and
// publishes the new State. A State is immutable: State returns the newest, Changed rings when there is a newer one. The
// server compares it with what is open and acts; this package opens nothing.
//
// A server alone is a cluster of one: the only voter elects itself when it opens, so its decisions take one durable write.
//
// Opening loads the newest snapshot of the State and applies the log after it. Since Apply reads neither clock nor
// chance, that gives the State that was there before. Every SnapshotEvery entries a new snapshot replaces them.
//
// Compare-exchange values and identities may be many, so they are no part of the State: valueCommand (value_command.go) changes
// rows, once for each log entry, and ViewValues (values_view.go) reads them.
//
// DESIGN.md lists the goroutine, the crash points, and what was left out on purpose. docs/format/raft.md has the bytes.
package cluster
