// Package compression compresses values of an environment with dictionaries that it trains on them.
//
// Start at Open (service.go). A write is Service.Begin to Session.Compress (session.go); a read is Service.Decompress
// (decompress.go). What is stored, and how, stands in package zdict below; the page docs/format/compression.md has the bytes.
//
// It decides which dictionary a value is compressed with, when a new one is trained and when an old one may go. It knows
// nothing of documents: a name is whatever the caller groups values by.
//
// The life of a dictionary:
//
//   - While values of a name are written, some are kept as samples (collect.go), once the transaction that wrote them has committed.
//   - When there are enough, a dictionary is trained (train.go) and tried on samples that were held out. If it is better than what
//     is in use it gets an id, and both files beside the environment are rewritten with it (copies.go).
//   - The next write transaction that touches the name registers it (registry.go) and uses it. If that transaction is dropped, so is
//     the registration; a later one registers the same dictionary under the same id.
//   - The service watches how well it does (watch.go). When it falls behind what it promised, all begins anew.
//   - Each value counts for its dictionary, in the transaction that writes or releases it. At zero, a dictionary that is no
//     longer used for new values may be dropped.
//
// What is current is read from the transaction in hand, never remembered: so a transaction cannot use what another one
// registered and did not commit. Memory only holds what cannot become false: an id stands for the same bytes for ever, because
// it is given when the dictionary is made, not when it is registered, and is never given again.
//
// Locks, in the order in which they are taken: trainTurn, which is held across I/O; then mu or decoders.mu.
package compression
