package client

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
)

// effect says what happens when a request is sent twice, and so when it may be.
type effect int

const (
	reads      effect = iota // nothing: it may be sent to any node, whatever happened before
	repeatable               // it takes effect once, or twice without harm
	once                     // it may take effect twice: sent again only if it cannot have arrived
)

// call is one request, whichever node gets it.
type call struct {
	method string
	path   string // below the database, such as /docs; below the server when serverWide
	query  url.Values
	body   []byte // JSON; nil for none
	effect effect

	serverWide  bool   // it is not about the store's database
	cacheable   bool   // its answer may be kept, to be asked for with If-None-Match
	stream      bool   // the body is handed out unread
	ifNoneMatch string // change vector of the caller; not together with cacheable
	turn        int    // for balance; 0 begins with the first node
}

// answer is what a node said. 404 and 304 are answers too.
type answer struct {
	status int
	header http.Header
	body   []byte        // nobody may change it: the cache may hold it too
	stream io.ReadCloser // of a call with stream, instead of body
	url    string
}

func (a *answer) found() bool { return a.status != http.StatusNotFound }

// url is the address of c on n.
func (c *call) url(n node) string {
	address := n.url
	if !c.serverWide {
		address += "/databases/" + url.PathEscape(n.name)
	}
	address += c.path
	if len(c.query) > 0 {
		address += "?" + c.query.Encode()
	}
	return address
}

// cacheKey is the name under which the answer to c from address is kept: nodes have caches of their own, as ETags of
// listings are a node's own.
func (c *call) cacheKey(address string) string {
	if c.body == nil {
		return address
	}
	sum := sha256.Sum256(c.body)
	return address + " " + hex.EncodeToString(sum[:])
}
