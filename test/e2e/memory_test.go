package e2e_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// memoryStats is what the test reads of the answer.
type memoryStats struct {
	Resident, Explained, Anonymous int64
	TimesGivenBack                 int
	Limit                          struct {
		Bytes  int64
		Source string
	}
	Profile   struct{ FlushAbove, MaxUnflushed int64 }
	DataFiles []struct{ Path string }
}

func (s *server) memory(t *testing.T) memoryStats {
	t.Helper()
	var stats memoryStats
	s.must(t, "GET", "/admin/debug/memory/stats", "").decode(t, &stats)
	return stats
}

// putLarge writes large documents from several clients at once, and returns the most memory that was seen meanwhile.
func (s *server) putLarge(t *testing.T, clients, documents int) (peak int64) {
	t.Helper()
	text := strings.Repeat("x", 4<<20)
	var writers sync.WaitGroup
	for c := range clients {
		writers.Go(func() {
			for i := range documents {
				a, err := s.request(t.Context(), "PUT", fmt.Sprintf("/databases/Peak/docs?id=large/%d-%d", c, i), `{"Text":"`+text+`"}`)
				if err != nil || a.status != 201 {
					t.Errorf("PUT: %v, status %d: %.200s", err, a.status, a.body)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for {
		peak = max(peak, s.memory(t).Anonymous)
		select {
		case <-done:
			return peak
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Memory goes back to the system after a peak, soon after the load: within a minute with the default of 15 seconds of idleness,
// which is one second here. And what is left is accounted for.
func TestServer_GivesMemoryBackAfterAPeak(t *testing.T) {
	s := startServer(t, t.TempDir(), "--Memory.GiveBackAfterIdleInSec=1")
	if s.memory(t).Resident == 0 {
		t.Skip("this system does not tell how much memory a process has")
	}
	s.createDatabase(t, "Peak")
	before := s.memory(t)
	peak := s.putLarge(t, 4, 5)
	if peak < before.Anonymous+64<<20 {
		t.Fatalf("the peak was %d bytes, %d before: no peak to fall from", peak, before.Anonymous)
	}
	var after memoryStats
	for deadline := time.Now().Add(45 * time.Second); time.Now().Before(deadline); time.Sleep(time.Second) {
		if after = s.memory(t); after.Anonymous < before.Anonymous+24<<20 {
			break
		}
	}
	if after.Anonymous >= before.Anonymous+24<<20 || after.TimesGivenBack == 0 {
		t.Errorf("anonymous memory: %d before, %d at the peak, %d after it, given back %d times",
			before.Anonymous, peak, after.Anonymous, after.TimesGivenBack)
	}
	if off := after.Explained - after.Resident; off > after.Resident/10 || off < -after.Resident/10 {
		t.Errorf("%d of %d resident bytes are explained", after.Explained, after.Resident)
	}
	if len(after.DataFiles) == 0 {
		t.Error("no data file is mapped")
	}
	t.Logf("anonymous: %d before, %d at the peak, %d after; resident %d, explained %d",
		before.Anonymous, peak, after.Anonymous, after.Resident, after.Explained)
}

func TestServer_PlansWithTheMemoryItIsGiven(t *testing.T) {
	s := startServer(t, t.TempDir(), "--Memory.LimitInMb=128")
	got := s.memory(t)
	if got.Limit.Bytes != 128<<20 || got.Limit.Source != "setting" || got.Profile.FlushAbove != 4<<20 || got.Profile.MaxUnflushed != 32<<20 {
		t.Errorf("%+v", got)
	}
}

// smallBytes is the memory of the small machine: ROOKERY_SMALL_MIB, or 256 MiB.
func smallBytes(t *testing.T) int64 {
	t.Helper()
	text := os.Getenv("ROOKERY_SMALL_MIB")
	if text == "" {
		return 256 << 20
	}
	mib, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return mib << 20
}

// A server that was given little memory stays within it under writes of several clients, small documents in batches and large ones,
// and whole answers, and keeps what it has acknowledged. Under make small the kernel gives it no more.
func TestServer_WorksWithinLittleMemory(t *testing.T) {
	limit := smallBytes(t)
	dir := t.TempDir()
	arg := fmt.Sprintf("--Memory.LimitInMb=%d", limit>>20)
	s := startServer(t, dir, arg)
	s.createDatabase(t, "Peak")
	const clients, batches, batch = 4, 20, 200
	var writers sync.WaitGroup
	for c := range clients {
		writers.Go(func() {
			for b := range batches {
				s.putBatch(t, c, b, batch)
			}
		})
	}
	writers.Wait()
	peak := s.putLarge(t, 2, 8)
	s.must(t, "GET", "/databases/Peak/docs?pageSize=1000", "")
	if stats := s.memory(t); stats.Resident > 0 && max(peak, stats.Anonymous) > limit {
		t.Errorf("%d bytes at the peak, %d now; %d are allowed", peak, stats.Anonymous, limit)
	}
	t.Logf("%d MiB of memory at the peak of large documents, of %d", peak>>20, limit>>20)
	s.kill()
	s = startServer(t, dir, arg)
	var stats struct{ CountOfDocuments int }
	s.must(t, "GET", "/databases/Peak/stats", "").decode(t, &stats)
	if want := clients*batches*batch + 2*8; stats.CountOfDocuments != want {
		t.Errorf("%d documents after a kill, want %d", stats.CountOfDocuments, want)
	}
}

// putBatch writes small documents in one request.
func (s *server) putBatch(t *testing.T, client, number, count int) {
	t.Helper()
	var body strings.Builder
	body.WriteString(`{"Commands":[`)
	for i := range count {
		if i > 0 {
			body.WriteString(",")
		}
		fmt.Fprintf(&body, `{"Type":"PUT","Id":"small/%d-%d-%d","Document":{"Text":%q,"@metadata":{"@collection":"Small"}}}`,
			client, number, i, strings.Repeat("y", 1000))
	}
	body.WriteString("]}")
	a, err := s.request(t.Context(), "POST", "/databases/Peak/bulk_docs", body.String())
	if err != nil || a.status != 201 {
		t.Errorf("bulk_docs: %v, status %d: %.300s", err, a.status, a.body)
	}
}
