package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Endpoint is an address of ours: where to listen, or what to tell others.
type Endpoint struct {
	Scheme string // http or tcp
	Host   string // a name or an address, without brackets; empty only before Parse has completed it
	Port   int    // 0: a free one
}

// Address returns host and port as net.Listen takes them.
func (e Endpoint) Address() string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

// String returns the endpoint as a URL without a slash at its end.
func (e Endpoint) String() string { return e.Scheme + "://" + e.Address() }

// parseEndpoint reads scheme://host[:port][/]. A TCP endpoint may be a bare port. Nothing else is accepted: a path, a
// user or a query in an address to listen on is a misunderstanding.
func parseEndpoint(text string, isTCP bool) (Endpoint, bool) {
	scheme, defaultPort := "http", 80
	if isTCP {
		scheme, defaultPort = "tcp", 0
		if port, ok := parsePort(text); ok {
			return Endpoint{Scheme: scheme, Port: port}, true
		}
	}
	u, err := url.Parse(text)
	if err != nil || !strings.EqualFold(u.Scheme, scheme) || u.Hostname() == "" || u.User != nil ||
		(u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return Endpoint{}, false
	}
	e := Endpoint{Scheme: scheme, Host: u.Hostname(), Port: defaultPort}
	if u.Port() != "" {
		port, ok := parsePort(u.Port())
		if !ok {
			return Endpoint{}, false
		}
		e.Port = port
	}
	return e, true
}

func parsePort(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), err == nil
}

// completeTCP gives TCP endpoints without a host that of the first HTTP endpoint, and makes one when there is none.
func (c *Config) completeTCP() error {
	if len(c.ServerURLs) == 0 { // only separators were given
		return &InvalidSettingError{Key: "ServerUrl", Value: ";", Origin: c.Origin("ServerUrl"), Want: "at least one URL"}
	}
	host := c.ServerURLs[0].Host
	if len(c.TCPURLs) == 0 {
		c.TCPURLs = []Endpoint{{Scheme: "tcp"}}
	}
	for i := range c.TCPURLs {
		if c.TCPURLs[i].Host == "" {
			c.TCPURLs[i].Host = host
		}
	}
	return nil
}
