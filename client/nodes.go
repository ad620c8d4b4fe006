package client

import (
	"slices"
	"sync"
)

// node is a server that holds the database.
type node struct {
	url  string // without a slash at the end
	tag  string // such as A; empty while only the address is known
	name string // the database as this node writes it
	role string // Member, or something that shall serve only when no member does
}

// topology is the nodes of a database, in the order of preference. It is never changed, only replaced.
type topology struct {
	etag  int64 // grows with each change; 0 while only the given addresses are known
	nodes []node
}

// nodes knows which nodes there are and which of them failed. It is safe for concurrent use and holds no lock while anybody waits.
type nodes struct {
	mu     sync.Mutex // guards what follows
	now    topology
	failed map[string]bool // by url
}

func newNodes(t topology) *nodes { return &nodes{now: t, failed: map[string]bool{}} }

// topology is what is known now.
func (n *nodes) topology() topology {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// learn takes t in place of what was known, unless that is newer.
func (n *nodes) learn(t topology) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if t.etag > n.now.etag {
		n.now = t
	}
}

// next is the node to ask, given those that were asked already: members that are well first, then others that are well, then
// those that failed, as they may be back. turn moves the beginning within the members that are well, for balance.
func (n *nodes) next(turn int, asked []string) (node, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var ranks [3][]node
	for _, candidate := range n.now.nodes {
		rank := 0
		switch {
		case n.failed[candidate.url]:
			rank = 2
		case candidate.role != "Member":
			rank = 1
		}
		ranks[rank] = append(ranks[rank], candidate)
	}
	if members := ranks[0]; len(members) > 0 {
		turn %= len(members)
		ranks[0] = slices.Concat(members[turn:], members[:turn])
	}
	for _, candidate := range slices.Concat(ranks[0], ranks[1], ranks[2]) {
		if !slices.Contains(asked, candidate.url) {
			return candidate, true
		}
	}
	return node{}, false
}

// fail notes that a node failed, and tells whether that is news.
func (n *nodes) fail(url string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	news := !n.failed[url]
	n.failed[url] = true
	return news
}

// recover notes that a node answers.
func (n *nodes) recover(url string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.failed, url)
}

// isFailed tells whether a node failed and has not answered since.
func (n *nodes) isFailed(url string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.failed[url]
}
