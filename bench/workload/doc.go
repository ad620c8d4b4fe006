// Package workload is what the benchmarks do: fixed, seeded work on a storage engine or on a server, and how it is reported.
//
// Start at RunEngine (engine.go) for storage engines and RunHTTP (http.go) for servers. A subject is plugged in as an
// Engine, or as the address of a server; keys, documents, writers, client and clock are the same for every subject, so that
// only the subject differs. The commands rookery-bench and bench/peers are thin shells around this package.
//
// What is drawn is fixed by a seed; how much of it is done is bounded by time for puts, reads and requests, and by count for
// bulk and scan. Speeds of one run compare; speeds of two machines, or of one machine on two days, do not.
package workload
