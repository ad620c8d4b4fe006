package config

import (
	"fmt"
	"net/netip"
	"slices"
)

// Access says who may reach the server without authentication. A larger one includes the smaller.
type Access uint8

// The levels.
const (
	AccessNone           Access = iota // nobody
	AccessLocal                        // this machine: loopback addresses
	AccessPrivateNetwork               // also private and link-local ranges
	AccessPublicNetwork                // everybody
)

// String returns the level as Security.UnsecuredAccessAllowed spells it.
func (a Access) String() string {
	return [...]string{"None", "Local", "PrivateNetwork", "PublicNetwork"}[a]
}

func accessOf(name string) Access {
	for a := AccessNone; a <= AccessPublicNetwork; a++ {
		if a.String() == name {
			return a
		}
	}
	panic("BUG: the table has an access level that Access lacks: " + name)
}

// Permits reports whether listening on addr without authentication is allowed. An unspecified address (0.0.0.0, ::)
// takes in every network the machine has now or later, so only AccessPublicNetwork permits it.
func (a Access) Permits(addr netip.Addr) bool { return neededFor(addr) <= a }

// neededFor returns the smallest level that permits addr. Ranges: RFC 1122 3.2.1.3 and RFC 4291 2.5.3 (loopback),
// RFC 1918 and RFC 4193 (private), RFC 3927 and RFC 4291 2.5.6 (link-local).
func neededFor(addr netip.Addr) Access {
	addr = addr.Unmap() // ::ffff:127.0.0.1 is 127.0.0.1 in other clothes
	switch {
	case addr.IsLoopback():
		return AccessLocal
	case addr.IsPrivate() || addr.IsLinkLocalUnicast():
		return AccessPrivateNetwork
	}
	return AccessPublicNetwork
}

// CheckExposure refuses to listen on addresses that strangers could reach, unless Security.UnsecuredAccessAllowed says
// that it is meant: *ExposureError. Nothing authenticates callers in this version, so every address counts.
//
// lookup resolves host names. All addresses of a name must be permitted; a name that cannot be resolved is refused like
// a public one, since nobody knows what it will be later. Check the address really bound with Access.Permits as well:
// a name may have moved in between.
func CheckExposure(c Config, lookup func(host string) ([]netip.Addr, error)) error {
	check := func(key string, list []Endpoint) error {
		for _, e := range list {
			if err := c.checkEndpoint(key, e, lookup); err != nil {
				return err
			}
		}
		return nil
	}
	if err := check("ServerUrl", c.ServerURLs); err != nil {
		return err
	}
	return check("ServerUrl.Tcp", c.TCPURLs)
}

func (c *Config) checkEndpoint(key string, e Endpoint, lookup func(host string) ([]netip.Addr, error)) error {
	if c.UnsecuredAccess == AccessPublicNetwork {
		return nil
	}
	needed, reason := exposureOf(e.Host, lookup)
	if needed <= c.UnsecuredAccess {
		return nil
	}
	return &ExposureError{
		Key: key, URL: e.String(), Origin: c.Origin(key), Reason: reason, Allowed: c.UnsecuredAccess, Needed: needed,
	}
}

// exposureOf returns the level that host needs, and what it is in words.
func exposureOf(host string, lookup func(host string) ([]netip.Addr, error)) (Access, string) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return neededFor(addr), reasonOf(addr)
	}
	addrs, err := lookup(host)
	if err != nil {
		return AccessPublicNetwork, fmt.Sprintf("is a name that cannot be resolved (%v), so it may reach anywhere", err)
	}
	if len(addrs) == 0 {
		return AccessPublicNetwork, "is a name without an address, so it may reach anywhere"
	}
	widest := slices.MaxFunc(addrs, func(a, b netip.Addr) int { return int(neededFor(a)) - int(neededFor(b)) })
	return neededFor(widest), fmt.Sprintf("resolves to %s, which %s", widest, reasonOf(widest))
}

func reasonOf(addr netip.Addr) string {
	switch {
	case addr.Unmap().IsUnspecified():
		return "reaches every network of this machine"
	case neededFor(addr) == AccessLocal:
		return "is reachable from this machine"
	case neededFor(addr) == AccessPrivateNetwork:
		return "is reachable from a private network"
	}
	return "may be reachable from anywhere"
}
