package config_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/fault"
)

// names is the resolver of these tests.
func names(host string) ([]netip.Addr, error) {
	known := map[string][]string{
		"localhost":    {"127.0.0.1", "::1"},
		"intranet":     {"192.168.1.7"},
		"two-faced":    {"127.0.0.1", "203.0.113.9"},
		"example.test": {"203.0.113.9"},
		"empty":        {},
	}
	list, ok := known[host]
	if !ok {
		return nil, errors.New("no such host")
	}
	var addrs []netip.Addr
	for _, text := range list {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	return addrs, nil
}

func TestCheckExposure_EachLevelPermitsExactlyItsRanges(t *testing.T) {
	levels := []string{"None", "Local", "PrivateNetwork", "PublicNetwork"}
	// The first level that permits the host; every lower one refuses it and names that level.
	f := func(host string, first int) {
		t.Helper()
		for i, level := range levels {
			for _, key := range []string{"ServerUrl", "ServerUrl.Tcp"} {
				args := []string{"--Security.UnsecuredAccessAllowed=" + level, "--ServerUrl=http://127.0.0.1:1"}
				if key == "ServerUrl" {
					args = append(args, "--ServerUrl=http://"+host+":1", "--ServerUrl.Tcp=tcp://127.0.0.1:2")
				} else {
					args = append(args, "--ServerUrl.Tcp=tcp://"+host+":2")
				}
				c, _ := mustParse(t, args, nil, "")
				err := config.CheckExposure(c, names)
				if (err == nil) != (i >= first) {
					t.Errorf("%s=%s with %s: %v, want refused below %s", key, host, level, err, levels[first])
					continue
				}
				var e *config.ExposureError
				if err == nil {
					continue
				}
				if !errors.As(err, &e) || fault.Of(err) != fault.Forbidden {
					t.Errorf("%s=%s with %s: %v is no ExposureError", key, host, level, err)
					continue
				}
				if i > 0 && (e.Needed.String() != levels[first] || e.Key != key) {
					t.Errorf("%s=%s with %s: names %s and %s, want %s", key, host, level, e.Key, e.Needed, levels[first])
				}
				if !strings.Contains(err.Error(), "Security.UnsecuredAccessAllowed") {
					t.Errorf("%v does not say which setting to change", err)
				}
			}
		}
	}
	const local, private, public = 1, 2, 3
	f("127.0.0.1", local)
	f("127.8.9.10", local)
	f("[::1]", local)
	f("[::ffff:127.0.0.1]", local)
	f("localhost", local)
	f("10.0.0.1", private)
	f("172.16.0.1", private)
	f("172.31.255.255", private)
	f("192.168.0.1", private)
	f("169.254.1.1", private)
	f("[fd00::1]", private)
	f("[fe80::1]", private)
	f("intranet", private)
	f("172.32.0.1", public)
	f("100.64.0.1", public)
	f("203.0.113.9", public)
	f("[2001:db8::1]", public)
	f("0.0.0.0", public)
	f("[::]", public)
	f("[::ffff:0.0.0.0]", public)
	f("example.test", public)
	f("two-faced", public) // the widest of its addresses counts
	f("empty", public)
	f("unknown.test", public)
	f("0", public) // a number is no address here, and no name either
	f("*", public)
}

func TestCheckExposure_SaysWhatToDo(t *testing.T) {
	c, _ := mustParse(t, []string{"--ServerUrl=http://0.0.0.0:8080"}, nil, "")
	err := config.CheckExposure(c, names)
	want := "ServerUrl=http://0.0.0.0:8080 (command line) reaches every network of this machine, and nothing asks those who connect who they are: " +
		"anybody there could read, change and delete all data. Bind ServerUrl to http://127.0.0.1:8080 or another loopback address, or, " +
		"if that network is protected by other means, set Security.UnsecuredAccessAllowed=PublicNetwork (now Local)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %v", err, want)
	}
}

func TestCheckExposure_DefaultIsFine(t *testing.T) {
	if err := config.CheckExposure(config.Defaults(), names); err != nil {
		t.Errorf("the default is refused: %v", err)
	}
}
