package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/rookerydb/rookery/internal/api"
	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/vfs"
)

const (
	// headerTimeout is how long a client may take to send the head of a request; without it, idle half-open requests pile up.
	headerTimeout = 30 * time.Second
	// stopTimeout is how long running requests may take to finish when the node stops.
	stopTimeout = 10 * time.Second
)

// node is a running server: what serve and demo have in common.
type node struct {
	url    string // by which clients reach it
	server *server.Server
	http   *http.Server
	served chan error // capacity: one for each listener, so that none of them waits when it ends
}

// startNode binds the addresses, opens the data and serves. The caller must call stop.
func startNode(cfg config.Config, log *slog.Logger) (*node, error) {
	if err := config.CheckExposure(cfg, lookupHost); err != nil {
		return nil, err
	}
	listeners, err := listenAll(cfg.ServerURLs)
	if err != nil {
		return nil, err
	}
	n := &node{url: reachableURL(cfg, listeners[0].Addr()), served: make(chan error, len(listeners))}
	n.server, err = server.Open(server.Options{
		Config: cfg, FS: vfs.OS(), Now: time.Now, Rand: newRand(), Logger: log, Version: version, URL: n.url,
		Machine: lookAtMachine(cfg, log),
	})
	if err != nil {
		return nil, errors.Join(err, closeAll(listeners))
	}
	n.http = &http.Server{
		Handler:           api.New(api.Options{Server: n.server, Now: time.Now, Logger: log}),
		ReadHeaderTimeout: headerTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	for _, l := range listeners {
		go func() { n.served <- n.http.Serve(l) }()
	}
	return n, nil
}

// stop lets running requests finish, then closes the data.
func (n *node) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := n.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = n.http.Close()
	}
	for range cap(n.served) {
		if served := <-n.served; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
	}
	return errors.Join(err, n.server.Close())
}

// lookupHost resolves a host name, to see whom an address would be open to.
func lookupHost(host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(context.Background(), "ip", host)
}

// listenAll binds every endpoint, or none.
func listenAll(endpoints []config.Endpoint) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, e := range endpoints {
		l, err := net.Listen("tcp", e.Address())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("bind %s: %w", e, err), closeAll(listeners))
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

func closeAll(listeners []net.Listener) error {
	var err error
	for _, l := range listeners {
		err = errors.Join(err, l.Close())
	}
	return err
}

// reachableURL is the address that clients are told: the public one if set, else the first one bound with its real port.
func reachableURL(cfg config.Config, bound net.Addr) string {
	if cfg.PublicURL != "" {
		return strings.TrimRight(cfg.PublicURL, "/")
	}
	e := cfg.ServerURLs[0]
	if tcp, ok := bound.(*net.TCPAddr); ok {
		e.Port = tcp.Port
	}
	if addr, err := netip.ParseAddr(e.Host); err == nil && addr.IsUnspecified() {
		e.Host = "127.0.0.1"
	}
	return e.String()
}

// newRand is seeded by the operating system: ids of databases and nodes must not repeat.
func newRand() *mathrand.Rand {
	var seed [16]byte
	_, _ = rand.Read(seed[:]) // never fails: it ends the process instead
	return mathrand.New(mathrand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:])))
}

// newLogger writes text lines to w at the level that Logs.Mode asks for.
func newLogger(w io.Writer, mode string) *slog.Logger {
	level := slog.LevelWarn
	switch strings.ToLower(mode) {
	case "information":
		level = slog.LevelInfo
	case "none":
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
