package workload

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// Names of the workloads on servers: durable PUTs of new orders of 1 KB, and GETs of stored ones by id, over one or 32
// connections that stay open.
const (
	HTTPPut1  = "put/1"
	HTTPPut32 = "put/32"
	HTTPGet1  = "get/1"
	HTTPGet32 = "get/32"
)

func httpWorkloads() []string { return []string{HTTPGet1, HTTPGet32, HTTPPut1, HTTPPut32} }

// IsHTTPWorkload tells whether name is a workload on servers.
func IsHTTPWorkload(name string) bool { return slices.Contains(httpWorkloads(), name) }

// Server says which server RunHTTP measures: a running one, or a program to start for each round.
type Server struct {
	URL  string   // "http://host:port" of a running server; its database for the benchmark is deleted afterwards
	Bin  string   // or: a program that prints "Server available on: URL" when it is ready and ends on SIGTERM
	Args []string // what Bin is given besides the address and the folder for data
}

// RunHTTP measures a server and returns a Result for each workload.
//
// Each round has a database of its own, filled first, then read, then written to.
func RunHTTP(c *Config, subject string, s Server) ([]Result, error) {
	if err := c.validate(httpWorkloads()); err != nil {
		return nil, err
	}
	if (s.URL == "") == (s.Bin == "") {
		return nil, errors.New("give either -url of a running server or -bin of a program to start")
	}
	dir, err := c.tempDir()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	PrintMachine(os.Stderr, dir)

	all := results{subject: subject}
	for n := range c.Rounds {
		data := filepath.Join(dir, fmt.Sprintf("round-%d", n+1))
		if err := httpRoundOn(c, s, data, &all); err != nil {
			return nil, fmt.Errorf("%s, round %d: %w", subject, n+1, err)
		}
		if err := os.RemoveAll(data); err != nil {
			return nil, err
		}
	}
	return all.list, nil
}

// httpRoundOn runs one round on the running server, or on one that it starts with its data in dir.
func httpRoundOn(c *Config, s Server, dir string, all *results) (err error) {
	address := s.URL
	if s.Bin != "" {
		p, err := startServer(s, dir)
		if err != nil {
			return err
		}
		defer p.stop()
		address = p.url
	}
	r, err := newHTTPRound(c, address, all)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.dropDatabase()) }()
	return r.run()
}

// httpRound is one pass over the workloads on one database.
type httpRound struct {
	config  *Config
	results *results
	host    string // host:port
	base    string // path of the database
	name    string
	orders  *documents
	loaded  uint64 // orders 0 to loaded-1 are stored
}

func newHTTPRound(c *Config, address string, all *results) (*httpRound, error) {
	host, err := hostOf(address)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("bench-%d-%d", os.Getpid(), time.Now().UnixNano()%1_000_000)
	r := &httpRound{config: c, results: all, host: host, name: name, base: "/databases/" + name, orders: newDocuments(orderBytes)}
	return r, r.createDatabase()
}

// run fills the database and measures.
func (r *httpRound) run() error {
	if err := r.load(); err != nil {
		return err
	}
	var puts atomic.Uint64
	puts.Store(r.loaded)
	for _, w := range []struct {
		name        string
		connections int
		newStep     func(c *client, g int) func() error
	}{
		{HTTPGet1, 1, r.newGet},
		{HTTPGet32, 32, r.newGet},
		{HTTPPut1, 1, func(c *client, _ int) func() error { return r.newPut(c, &puts) }},
		{HTTPPut32, 32, func(c *client, _ int) func() error { return r.newPut(c, &puts) }},
	} {
		if !r.config.wants(w.name) {
			continue
		}
		rate, err := r.rate(w.connections, w.newStep)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		r.results.add(w.name, "1/s", rate)
	}
	return nil
}

// rate returns the requests a second over so many connections.
func (r *httpRound) rate(connections int, newStep func(*client, int) func() error) (float64, error) {
	clients := make([]*client, connections)
	for i := range clients {
		c, err := dial(r.host)
		if err != nil {
			return 0, err
		}
		defer c.close()
		clients[i] = c
	}
	return measure(r.config, connections, func(g int) (func() error, int) { return newStep(clients[g], g), 1 }, nil)
}

// newGet returns a step that loads a random stored order.
func (r *httpRound) newGet(c *client, g int) func() error {
	chance := rand.New(rand.NewPCG(seed, uint64(g)))
	return func() error {
		id := chance.Uint64N(r.loaded)
		status, err := c.do("GET", r.base, "/docs?id=orders%2F", id, nil)
		if err == nil && status != 200 {
			err = fmt.Errorf("GET orders/%d: status %d", id, status)
		}
		return err
	}
}

// newPut returns a step that stores one new order.
func (r *httpRound) newPut(c *client, next *atomic.Uint64) func() error {
	var body []byte
	return func() error {
		id := next.Add(1) - 1
		body = r.orders.appendTo(body[:0], id)
		status, err := c.do("PUT", r.base, "/docs?id=orders%2F", id, body)
		if err == nil && status/100 != 2 {
			err = fmt.Errorf("PUT orders/%d: status %d", id, status)
		}
		return err
	}
}

// load stores the orders that are read later, 500 in a request.
func (r *httpRound) load() error {
	count := uint64(50_000)
	if r.config.Short {
		count = 5_000
	}
	c, err := dial(r.host)
	if err != nil {
		return err
	}
	defer c.close()
	for r.loaded < count {
		body := []byte(`{"Commands":[`)
		for i := range uint64(500) {
			if i > 0 {
				body = append(body, ',')
			}
			body = fmt.Appendf(body, `{"Type":"PUT","Id":"orders/%d","Document":`, r.loaded+i)
			body = append(r.orders.appendTo(body, r.loaded+i), '}')
		}
		body = append(body, `]}`...)
		if err := c.expect("POST", r.base+"/bulk_docs", body); err != nil {
			return fmt.Errorf("fill the database: %w", err)
		}
		r.loaded += 500
	}
	return nil
}

func (r *httpRound) createDatabase() error {
	body := fmt.Appendf(nil, `{"DatabaseName":%q}`, r.name)
	return r.admin("PUT", "/admin/databases?name="+r.name+"&replicationFactor=1", body)
}

func (r *httpRound) dropDatabase() error {
	return r.admin("DELETE", "/admin/databases", fmt.Appendf(nil, `{"DatabaseNames":[%q],"HardDelete":true}`, r.name))
}

// admin sends one request over a connection of its own.
func (r *httpRound) admin(method, target string, body []byte) error {
	c, err := dial(r.host)
	if err != nil {
		return err
	}
	defer c.close()
	return c.expect(method, target, body)
}
