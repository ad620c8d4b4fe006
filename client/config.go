package client

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ReadBalance says which node serves reads.
type ReadBalance int

// Ways to choose the node for a read. Writes always go to the first node that is well.
const (
	FirstNode  ReadBalance = iota // the first of the topology that is well
	RoundRobin                    // each session the next one; all requests of a session the same
)

// Config says which database to talk to. URLs is needed; the zero value of everything else works.
type Config struct {
	// URLs are addresses of nodes of the cluster, any of them, such as https://a.example:8080. The nodes that hold the
	// database are learned from them.
	URLs []string
	// Database is the database of the sessions. It may be empty in a program that only creates and deletes databases.
	Database string
	// HTTPClient sends the requests. Nil: one of the store's own, which follows no redirects.
	HTTPClient *http.Client
	// TLS holds the client's certificate and the authorities to trust, for the store's own HTTP client. Nil: the system's
	// authorities and no certificate.
	TLS *tls.Config
	// Conventions say how Go types become documents.
	Conventions Conventions
	// ReadBalance chooses the node for reads. Default FirstNode.
	ReadBalance ReadBalance
	// MaxRequests is how many requests a session may make. Default 30; negative: no limit. Raised, it hides loads in loops.
	MaxRequests int
	// CacheBytes bounds the memory for answers that are kept to be asked for again with If-None-Match. Default 32 MiB; negative: none.
	CacheBytes int64
	// LastWriteWins turns optimistic concurrency off for all sessions: what others have changed meanwhile is overwritten.
	LastWriteWins bool
}

// withDefaults fills in what is not given and checks the rest.
func (c Config) withDefaults() (Config, error) {
	if len(c.URLs) == 0 {
		return c, &UsageError{"Config.URLs is empty", "give the address of a node, such as http://127.0.0.1:8080"}
	}
	c.URLs = slices.Clone(c.URLs)
	for i, text := range c.URLs {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return c, &UsageError{"Config.URLs has " + text, "an address begins with http:// or https:// and has a host"}
		}
		c.URLs[i] = strings.TrimRight(text, "/")
	}
	if c.HTTPClient == nil {
		c.HTTPClient = ownHTTPClient(c.TLS)
	}
	if c.MaxRequests == 0 {
		c.MaxRequests = requestsPerSessionMax
	}
	if c.CacheBytes == 0 {
		c.CacheBytes = cacheBytesDefault
	}
	c.Conventions = c.Conventions.withDefaults()
	return c, nil
}

// onlyTLS tells whether all addresses are https: then no node may be reached without it.
func (c Config) onlyTLS() bool {
	return !slices.ContainsFunc(c.URLs, func(u string) bool { return !isTLS(u) })
}

func isTLS(url string) bool { return len(url) >= 8 && strings.EqualFold(url[:8], "https://") }

// ownHTTPClient is what a store uses that was given none. A node never redirects: what does is not one, and shall not get
// documents.
func ownHTTPClient(config *tls.Config) *http.Client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: idleConnsPerNode, ForceAttemptHTTP2: true,
	}
	if config != nil {
		transport.TLSClientConfig = config.Clone()
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
