// Package client is the Go client of Rookery: it stores, loads and queries documents over HTTP.
//
// Start at Open (store.go), which gives a Store: one for a program and a database, safe for concurrent use. A Session
// (session.go) is a unit of work: Load, LoadMany and Query hand out pointers to Go values and remember what they looked like;
// Store and Delete note what shall become; SaveChanges (save.go) sends what changed as one transaction. A session belongs to
// one goroutine.
//
//	store, err := client.Open(ctx, client.Config{URLs: []string{"http://127.0.0.1:8080"}, Database: "shop"})
//	s := store.Session()
//	user, ok, err := client.Load[User](ctx, s, "users/1-A")
//	user.Name = "Ada"
//	err = s.SaveChanges(ctx)
//
// Things that are looked for and not there are answers (ok is false, a nil entry in a map), never errors. Errors of the server are typed, see
// errors.go; all of them hold a *ServerError. Optimistic concurrency is on: what somebody else has changed meanwhile is not
// overwritten, SaveChanges gives a *ConcurrencyError.
//
// A request goes Session or Store -> (*Store).do (executor.go), which chooses a node (nodes.go), asks the cache, sends, and goes to
// the next node when that is safe. The package needs the standard library only and shares no types with the server.
//
// Goroutines: one for each node that failed, which asks until it is well again, and one for a refresh of the topology on its
// way. Store.Close ends them and waits.
package client
