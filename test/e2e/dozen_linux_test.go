package e2e_test

import (
	"fmt"
	"sync"
	"testing"
)

// dozen is how many servers share the machine.
const dozen = 12

// dozenMiB is the memory that each of them is given.
const dozenMiB = 512

// A dozen servers live on one machine, each with one processor and little memory: all take writes at the same time, and answer.
func TestServer_ADozenShareTheMachine(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	t.Setenv("GOMAXPROCS", "1")
	t.Setenv("GOMEMLIMIT", fmt.Sprintf("%dMiB", dozenMiB/4*3))
	var servers [dozen]*server
	for i := range servers {
		servers[i] = startConfined(t, dozenMiB<<20, t.TempDir(), fmt.Sprintf("--Memory.LimitInMb=%d", dozenMiB))
	}
	var clients sync.WaitGroup
	for i, s := range servers {
		s.createDatabase(t, "Peak")
		clients.Go(func() { s.putBatch(t, i, 0, 500) })
	}
	clients.Wait()
	var total int64
	for i, s := range servers {
		var stats struct{ CountOfDocuments int }
		s.must(t, "GET", "/databases/Peak/stats", "").decode(t, &stats)
		if stats.CountOfDocuments != 500 {
			t.Errorf("server %d: %d documents, want 500", i, stats.CountOfDocuments)
		}
		own, peak := s.processBytes("RssAnon"), s.residentPeak()
		if peak > dozenMiB<<20 {
			t.Errorf("server %d: %d MiB resident at the peak, %d are allowed", i, peak>>20, dozenMiB)
		}
		t.Logf("server %d: %d MiB of its own, %d MiB resident at the peak", i, own>>20, peak>>20)
		total += own
	}
	t.Logf("all: %d MiB of their own", total>>20)
}
