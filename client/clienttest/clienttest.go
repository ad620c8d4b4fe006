// Package clienttest starts a node inside a test, in memory, and gives a store of it.
//
// Start at New. There is nothing to install and nothing to clean up: programs that use package client test against the real
// server in milliseconds. Only tests import it: it brings the whole server along.
package clienttest

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/rookerydb/rookery/client"
	"github.com/rookerydb/rookery/internal/api"
	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// Database is the name of the database that New creates.
const Database = "test"

// New starts a node with an empty database and opens a store of it. Both end with the test.
func New(tb testing.TB) *client.Store {
	tb.Helper()
	url, stop, err := Start()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := stop(); err != nil {
			tb.Error(err)
		}
	})
	return Open(tb, client.Config{URLs: []string{url}})
}

// Open opens a store that ends with the test. Without a database it gets the one called Database, which is created when it is
// not there.
func Open(tb testing.TB, c client.Config) *client.Store {
	tb.Helper()
	if c.Database == "" {
		c.Database = Database
	}
	store, err := client.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(context.Background()); err != nil { // the test's own context has ended
			tb.Error(err)
		}
	})
	names, err := store.Databases(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if slices.Contains(names, c.Database) {
		return store
	}
	if err := store.CreateDatabase(tb.Context(), c.Database, client.DatabaseOptions{}); err != nil {
		tb.Fatal(err)
	}
	return store
}

// Start starts a node without databases, for who has no testing.TB, such as an example. stop ends it.
func Start() (url string, stop func() error, err error) {
	settings, _, err := config.Parse([]string{"--DataDir=data"}, nil, nil)
	if err != nil {
		return "", nil, err
	}
	web := httptest.NewUnstartedServer(nil)
	log := slog.New(slog.DiscardHandler)
	node, err := server.Open(server.Options{
		Config: settings, FS: memfs.New(memfs.WithoutCrashes()), Now: time.Now, Rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		Logger: log, Version: "test", URL: "http://" + web.Listener.Addr().String(),
	})
	if err != nil {
		web.Close()
		return "", nil, err
	}
	web.Config.Handler = api.New(api.Options{Server: node, Now: time.Now, Logger: log})
	web.Start()
	return web.URL, func() error {
		web.Close()
		return node.Close()
	}, nil
}
