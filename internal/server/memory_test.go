package server_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/memory"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// gauge is a file system whose meminfo says what a test wants.
type gauge struct {
	mu        sync.Mutex // guards available
	available int64      // MiB
}

func (g *gauge) set(mib int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.available = mib
}

func (g *gauge) Open(name string) (fs.File, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	text := fmt.Sprintf("MemTotal: %d kB\nMemAvailable: %d kB\n", 512<<10, g.available<<10)
	return fstest.MapFS{"proc/meminfo": {Data: []byte(text)}}.Open(name)
}

// watched returns options of a server on a machine of 512 MiB, of which g says what is available, and what it logs.
func watched(g *gauge) (server.Options, *bytes.Buffer) {
	o, text := options(memfs.New(), "--Memory.GiveBackAfterIdleInSec=3"), &bytes.Buffer{}
	machine := memory.Look(g)
	o.Machine, o.Now = &machine, time.Now
	o.Logger = slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return o, text
}

func passSeconds(n int) {
	time.Sleep(time.Duration(n) * time.Second) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
	synctest.Wait()
}

func TestServer_SaysWhenMemoryIsLow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{available: 400}
		o, text := watched(g)
		s := open(t, o)
		create(t, s, "Shop")
		want := func(severity memory.Severity, changes int) {
			t.Helper()
			got := s.MemoryStatus()
			if got.Severity != severity || len(got.Changes) != changes || got.LowBytes != 512<<20/10 {
				t.Errorf("status %+v, want %v after %d changes", got, severity, changes)
			}
		}
		passSeconds(2)
		want(memory.Normal, 0)
		given := s.MemoryStatus().GivenBack
		g.set(30)
		passSeconds(1)
		want(memory.Low, 1)
		if got := s.MemoryStatus(); got.GivenBack != given+1 || got.AvailableBytes != 30<<20 {
			t.Errorf("status %+v, want memory given back once more than %d times", got, given)
		}
		g.set(10)
		passSeconds(1)
		want(memory.ExtremelyLow, 2)
		g.set(400)
		passSeconds(1)
		want(memory.ExtremelyLow, 2)
		passSeconds(3)
		want(memory.Normal, 3)
		for _, line := range []string{"memory is low", `severity="extremely low"`, "no longer low"} {
			if !strings.Contains(text.String(), line) {
				t.Errorf("the log does not say %q:\n%s", line, text)
			}
		}
	})
}

func TestServer_GivesMemoryBackOnceAfterAPeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := watched(&gauge{available: 400})
		s := open(t, o)
		passSeconds(30) // what opening took has been given back
		before := s.MemoryStatus().GivenBack
		for range 4 {
			peak = make([]byte, 16<<20)
			passSeconds(1)
		}
		if got := s.MemoryStatus().GivenBack; got != before {
			t.Errorf("given back %d times during the load", got-before)
		}
		passSeconds(30)
		if got := s.MemoryStatus().GivenBack; got != before+1 {
			t.Errorf("given back %d times after the load, want once", got-before)
		}
	})
}

var peak []byte

func TestServer_FollowsTheMachine(t *testing.T) {
	o, _ := watched(&gauge{available: 400})
	small := open(t, o)
	if got, want := small.MemoryProfile(), memory.ProfileOf(512<<20); got != want {
		t.Errorf("profile %+v, want %+v", got, want)
	}
	if got := small.MemoryLimit(); got.Bytes != 512<<20 || got.Source != memory.Physical {
		t.Errorf("limit %+v", got)
	}
	set := options(memfs.New(), "--Memory.LowMemoryLimitInMb=7")
	large := open(t, set)
	want := memory.ProfileOf(0)
	want.LowBytes = 7 << 20
	if got := large.MemoryProfile(); got != want {
		t.Errorf("profile without a machine %+v, want %+v", got, want)
	}
	if got := large.MemoryLimit(); got != (memory.Limit{}) {
		t.Errorf("limit without a machine %+v", got)
	}
}

func TestServer_ReportsWhatDatabasesHold(t *testing.T) {
	s := open(t, options(memfs.New()))
	create(t, s, "Shop")
	create(t, s, "lower")
	got := map[string]bool{}
	for _, d := range s.DatabaseMemory() {
		if got[d.Name] || d.HeldBytes < d.UnflushedBytes {
			t.Errorf("%+v", d)
		}
		got[d.Name] = true
	}
	if !got["Shop"] || !got["lower"] || len(got) != 2 {
		t.Errorf("databases %v", got)
	}
	if r := s.MemoryReport(); r.HeapInUseBytes == 0 {
		t.Errorf("report %+v", r)
	}
}
