package flattrie

// edit is one change at a place. Before it writes, the buffer has room for all the nodes that it makes: nothing here fails.
type edit struct {
	trie  *Trie
	at    Place
	key   []byte
	value uint64
}

// putBytes returns how many bytes put makes new blocks of, at most.
func (e *edit) putBytes() int {
	n := e.trie.view.node(e.at.link)
	leaf := node{valueCode: valueCode(e.value), edgeBytes: len(e.key) - e.at.KeyBytes}.size()
	switch e.at.Match {
	case NoChild:
		if n.children < n.room() {
			return leaf
		}
		n.roomCode = roomCode(n.children + 1)
		return n.size() + leaf
	case EndsInEdge, LeavesEdge: // the lower half, the upper half, and the leaf
		upper := node{valueCode: valueCode(e.value), roomCode: roomCode(2), edgeBytes: e.at.EdgeBytes}
		return n.size() + upper.size() + leaf
	case Exact, NoValue:
		if valueCode(e.value) > n.valueCode {
			n.valueCode = valueCode(e.value)
			return n.size()
		}
	}
	return 0
}

func (e *edit) put() {
	t := e.trie
	if e.at.Match != Exact {
		t.view.setNumber(keysOff, t.view.Len()+1)
	}
	switch e.at.Match {
	case Exact, NoValue:
		t.setValue(e.at.link, e.value)
	case NoChild:
		t.addChild(e.at.link, e.rest()[0], t.makeLeaf(e.rest()[1:], e.value))
	case EndsInEdge:
		t.split(e.at.link, e.at.EdgeBytes, valueCode(e.value))
		t.setValue(e.at.link, e.value)
	case LeavesEdge:
		t.split(e.at.link, e.at.EdgeBytes, 0)
		t.addChild(e.at.link, e.rest()[0], t.makeLeaf(e.rest()[1:], e.value))
	}
}

// rest returns what of the key is not in the trie.
func (e *edit) rest() []byte { return e.key[e.at.KeyBytes:] }

// makeLeaf makes a node without children and returns its place.
func (t *Trie) makeLeaf(edge []byte, value uint64) int {
	n := t.make(node{valueCode: valueCode(value), edgeBytes: len(edge)})
	copy(t.view.edge(n), edge)
	t.view.setValue(n, value)
	return n.off
}

// setValue sets the value of the node at link, in its place if it has the bytes for it.
func (t *Trie) setValue(link int, value uint64) {
	n := t.view.node(link)
	if code := valueCode(value); code > n.valueCode {
		n = t.reshape(link, code, n.roomCode)
	}
	t.view.setValue(n, value)
}

// addChild gives the node at link one more child.
func (t *Trie) addChild(link int, label byte, child int) {
	n := t.view.node(link)
	if n.children == n.room() {
		n = t.reshape(link, n.valueCode, roomCode(n.children+1))
	}
	i := lowerBound(t.view.labels(n), label)
	labels, links := t.view.buf[n.labelsOff():][:n.room()], t.view.buf[n.linksOff():][:n.room()*linkBytes]
	copy(labels[i+1:], labels[i:n.children])
	copy(links[(i+1)*linkBytes:], links[i*linkBytes:n.children*linkBytes])
	labels[i] = label
	t.view.setNumber(n.linkOff(i), child)
	n.children++
	t.view.writeHead(n)
}

// reshape replaces the node at link by one with other sizes for value and children. A value that there was is kept, if the
// new node has one.
func (t *Trie) reshape(link int, valueCode, roomCode uint8) node {
	old := t.view.node(link)
	n := old
	n.valueCode, n.roomCode = valueCode, roomCode
	n = t.make(n)
	t.copyChildren(n, old)
	copy(t.view.edge(n), t.view.edge(old))
	if old.hasValue() && n.hasValue() {
		t.view.setValue(n, t.view.value(old))
	}
	t.replace(link, old, n)
	return n
}

// replace links n in the place of old.
func (t *Trie) replace(link int, old, n node) {
	t.view.setNumber(link, n.off)
	t.free(old.off, old.size())
}

// copyChildren copies labels and links.
func (t *Trie) copyChildren(to, from node) {
	copy(t.view.labels(to), t.view.labels(from))
	copy(t.view.buf[to.linksOff():], t.view.buf[from.linksOff():][:from.children*linkBytes])
}

// split cuts the edge of the node at link in two: an upper node with the first at bytes of the edge, without a value but with
// room for one, has as its only child so far the node with the rest.
func (t *Trie) split(link, at int, valueCode uint8) {
	old := t.view.node(link)
	lower := old
	lower.edgeBytes = old.edgeBytes - at - 1
	lower = t.make(lower)
	copy(t.view.buf[lower.valueOff():lower.labelsOff()], t.view.buf[old.valueOff():])
	t.copyChildren(lower, old)
	edge := t.view.edge(old)
	copy(t.view.edge(lower), edge[at+1:])

	room := roomCode(2)
	if valueCode != 0 {
		room = roomCode(1)
	}
	upper := t.make(node{valueCode: valueCode, roomCode: room, children: 1, edgeBytes: at})
	t.view.labels(upper)[0] = edge[at]
	t.view.setNumber(upper.linkOff(0), lower.off)
	copy(t.view.edge(upper), edge)
	t.replace(link, old, upper)
}

// removeBytes returns how many bytes remove makes new blocks of, at most: one node, which replaces a larger one, or two.
func (e *edit) removeBytes() int {
	v := e.trie.view
	n := v.node(e.at.link)
	if n.children == 0 && e.at.link != rootLink {
		n = v.node(e.at.parentLink)
	}
	size := n.size()
	for i := range min(n.children, 2) { // one of them may be joined with n
		size = max(size, n.size()+v.node(n.linkOff(i)).size())
	}
	return size
}

func (e *edit) remove() {
	t := e.trie
	t.view.setNumber(keysOff, t.view.Len()-1)
	n := t.view.node(e.at.link)
	switch root := e.at.link == rootLink; {
	case n.children == 0 && !root:
		t.removeChild(e.at.parentLink, e.at.link, n)
	case n.children == 1 && !root:
		t.join(e.at.link)
	default:
		t.reshape(e.at.link, 0, n.roomCode)
	}
}

// removeChild takes the node at link from its parent, the node at parentLink.
func (t *Trie) removeChild(parentLink, link int, child node) {
	n := t.view.node(parentLink)
	i := (link - n.linksOff()) / linkBytes
	labels, links := t.view.labels(n), t.view.buf[n.linksOff():][:n.children*linkBytes]
	copy(labels[i:], labels[i+1:])
	copy(links[i*linkBytes:], links[(i+1)*linkBytes:])
	t.free(child.off, child.size())
	n.children--
	if n.children > 0 {
		t.view.writeHead(n)
	}
	switch {
	case n.children == 0:
		t.withoutRoom(parentLink, n)
	case n.children == 1 && !n.hasValue() && parentLink != rootLink:
		t.join(parentLink)
	case n.children*2 < n.room():
		t.reshape(parentLink, n.valueCode, roomCode(n.children))
	}
}

// withoutRoom replaces the node at link, which has lost its last child.
func (t *Trie) withoutRoom(link int, old node) {
	n := t.make(node{valueCode: old.valueCode, edgeBytes: old.edgeBytes})
	copy(t.view.buf[n.valueOff():n.labelsOff()], t.view.buf[old.valueOff():])
	copy(t.view.edge(n), t.view.edge(old))
	t.replace(link, old, n)
}

// join makes one node of the node at link, whose value is gone, and its only child.
func (t *Trie) join(link int) {
	upper := t.view.node(link)
	lower := t.view.node(upper.linkOff(0))
	n := lower
	n.edgeBytes = upper.edgeBytes + 1 + lower.edgeBytes
	n = t.make(n)
	copy(t.view.buf[n.valueOff():n.labelsOff()], t.view.buf[lower.valueOff():])
	t.copyChildren(n, lower)
	edge := t.view.edge(n)
	copy(edge, t.view.edge(upper))
	edge[upper.edgeBytes] = t.view.labels(upper)[0]
	copy(edge[upper.edgeBytes+1:], t.view.edge(lower))
	t.free(lower.off, lower.size())
	t.replace(link, upper, n)
}
