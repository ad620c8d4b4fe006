// Package changes tells those who watch a database what has happened in it.
//
// Start at Hub.Publish (hub.go), which is rung with what happened, and Subscription.Take (subscription.go), which hands it to one who
// watches. What can happen is in change.go, what can be watched in watch.go, the words of clients for that in command.go.
//
// A change reaches a subscription at most once, however many of its watches match, and in the order in which it was
// published. A subscription that does not take what it is given is not waited for: past a bound it loses everything and is
// told so (OverflowError), because somebody who knows that changes are missing reads again, and somebody who does not is wrong for ever.
//
// The package knows nothing of commits or connections, and is pure but for its locks. It starts no goroutine. Locks: Hub.mu is held
// while the list of subscriptions is replaced, Subscription.mu while one is given something; nobody holds both, or calls out of the
// package with one.
package changes
