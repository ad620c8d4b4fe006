package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// killLoops is how often the server is killed: ROOKERY_KILL_LOOPS, or a few.
func killLoops(t *testing.T) int {
	t.Helper()
	return loops(t, "ROOKERY_KILL_LOOPS", 5)
}

// loops is how often a test goes round: what the variable says, or fallback.
func loops(t *testing.T, variable string, fallback int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number above 0", variable, text)
	}
	return n
}

// killWriters is how many clients write when the server is killed.
const killWriters = 16

// Whatever was acknowledged before the process was killed is there after it starts again, whole, and in no half of a batch.
func TestServer_KeepsAcknowledgedWritesWhenKilled(t *testing.T) {
	loops := killLoops(t)
	const seed = 7
	t.Logf("seed %d, %d loops", seed, loops)
	chance := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	h := newHistory()

	s := startServer(t, dir)
	s.createDatabase(t, "Kills")
	for loop := range loops {
		h.writeUntilKilled(t, s, loop, 1+chance.IntN(600))
		s = startServer(t, dir)
		h.check(t, s, loop, chance)
		if t.Failed() {
			return
		}
	}
	h.checkAll(t, s)
	if code := s.terminate(t); code != 0 {
		t.Errorf("exit code after an interrupt: got %d, want 0\n%s", code, s.text())
	}
	if code, out := runToEnd(t, "check", dir); code != 0 {
		t.Errorf("check after %d kills: exit code %d\n%s", loops, code, out)
	}
}

// history is what was sent and what was acknowledged.
type history struct {
	mu       sync.Mutex        // guards the maps
	acked    map[string]string // id to the text of "V" in the document; ids are written once
	inFlight map[string]string // sent, without an answer when the server was killed
	floor    map[int]int       // writer to the last acknowledged number of its counter document and pair
	ceiling  map[int]int       // writer to the last number that was sent
}

func newHistory() *history {
	return &history{acked: map[string]string{}, inFlight: map[string]string{}, floor: map[int]int{}, ceiling: map[int]int{}}
}

// writeUntilKilled lets all writers work until so many writes were acknowledged, and kills the server while they go on.
func (h *history) writeUntilKilled(t *testing.T, s *server, loop, writes int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var acked atomic.Int64
	enough := make(chan struct{})
	var once sync.Once
	var writers sync.WaitGroup
	for w := range killWriters {
		writers.Go(func() {
			for n := 0; h.write(ctx, t, s, loop, w, n); n++ {
				if acked.Add(1) >= int64(writes) {
					once.Do(func() { close(enough) })
				}
			}
			once.Do(func() { close(enough) }) // a writer that cannot go on must not keep the test waiting
		})
	}
	<-enough
	s.kill()
	writers.Wait()
	if got := acked.Load(); got < int64(writes) && !t.Failed() {
		t.Errorf("loop %d: the server ended by itself after %d writes:\n%s", loop, got, s.text())
	}
}

// write makes one write of a kind that depends on n: a new document, or a counter and a pair of documents in one batch.
// It returns false when the server is gone.
func (h *history) write(ctx context.Context, t *testing.T, s *server, loop, w, n int) bool {
	t.Helper()
	if n%4 == 3 {
		return h.writeBatch(ctx, t, s, w)
	}
	id := fmt.Sprintf("kills/%d-%d-%d", loop, w, n)
	value := fmt.Sprintf("%s %s", id, strings.Repeat("x", n%7*150))
	h.set(h.inFlight, id, value)
	a, err := s.request(ctx, "PUT", "/databases/Kills/docs?id="+id, fmt.Sprintf(`{"V":%q,"@metadata":{"@collection":"Kills"}}`, value))
	if err != nil {
		return false
	}
	if a.status != 201 {
		t.Errorf("PUT %s: status %d: %s", id, a.status, a.body)
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.inFlight, id)
	h.acked[id] = value
	return true
}

// writeBatch raises writer w's number in two documents at once: they must never differ.
func (h *history) writeBatch(ctx context.Context, t *testing.T, s *server, w int) bool {
	t.Helper()
	h.mu.Lock()
	h.ceiling[w]++
	n := h.ceiling[w]
	h.mu.Unlock()
	put := func(side string) string {
		return fmt.Sprintf(`{"Type":"PUT","Id":"pairs/%d-%s","Document":{"V":"%d","@metadata":{"@collection":"Pairs"}}}`, w, side, n)
	}
	a, err := s.request(ctx, "POST", "/databases/Kills/bulk_docs", `{"Commands":[`+put("left")+","+put("right")+`]}`)
	if err != nil {
		return false
	}
	if a.status != 201 {
		t.Errorf("POST bulk_docs: status %d: %s", a.status, a.body)
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.floor[w] = n
	return true
}

func (h *history) set(m map[string]string, id, value string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m[id] = value
}

// check looks at what this loop wrote, at all pairs, and at some older documents.
func (h *history) check(t *testing.T, s *server, loop int, chance *rand.Rand) {
	t.Helper()
	prefix := fmt.Sprintf("kills/%d-", loop)
	for id, value := range h.acked {
		if strings.HasPrefix(id, prefix) || chance.IntN(20) == 0 {
			h.wantDocument(t, s, id, value)
		}
	}
	for id, value := range h.inFlight {
		if got, found := load(t, s, id); found && got != value {
			t.Errorf("%s was not acknowledged and is there in half: got %q, want %q or nothing", id, got, value)
		} else if found {
			h.acked[id] = value // it happened; from now on it has to stay
		}
	}
	clear(h.inFlight)
	h.checkPairs(t, s)
}

// checkAll looks at everything, and that nothing else is there.
func (h *history) checkAll(t *testing.T, s *server) {
	t.Helper()
	for id, value := range maps.All(h.acked) {
		h.wantDocument(t, s, id, value)
	}
	var stats struct{ Collections map[string]int64 }
	s.must(t, "GET", "/databases/Kills/collections/stats", "").decode(t, &stats)
	if got, want := stats.Collections["Kills"], int64(len(h.acked)); got != want {
		t.Errorf("documents in Kills: got %d, want %d", got, want)
	}
}

func (h *history) wantDocument(t *testing.T, s *server, id, value string) {
	t.Helper()
	got, found := load(t, s, id)
	if !found {
		t.Errorf("%s was acknowledged and is lost", id)
	} else if got != value {
		t.Errorf("%s: got %q, want %q", id, got, value)
	}
}

// checkPairs looks that both documents of each batch have the same number, between the last acknowledged and the last sent.
func (h *history) checkPairs(t *testing.T, s *server) {
	t.Helper()
	for w, sent := range h.ceiling {
		left, found := load(t, s, fmt.Sprintf("pairs/%d-left", w))
		right, _ := load(t, s, fmt.Sprintf("pairs/%d-right", w))
		if left != right {
			t.Errorf("pair of writer %d: half of a batch is there: left %q, right %q", w, left, right)
		}
		n, _ := strconv.Atoi(left)
		if n < h.floor[w] || n > sent {
			t.Errorf("pair of writer %d: got %q (found: %v), acknowledged was %d, sent %d", w, left, found, h.floor[w], sent)
		}
		h.floor[w] = n
	}
}

// load returns "V" of a document.
func load(t *testing.T, s *server, id string) (string, bool) {
	t.Helper()
	return loadFrom(t, s, "Kills", id)
}

// loadFrom returns "V" of a document of a database.
func loadFrom(t *testing.T, s *server, database, id string) (string, bool) {
	t.Helper()
	a, err := s.request(t.Context(), "GET", "/databases/"+database+"/docs?id="+id, "")
	if err != nil {
		t.Fatalf("GET %s: %v\n%s", id, err, s.text())
	}
	if a.status == 404 {
		return "", false
	}
	var found struct{ Results []struct{ V string } }
	a.decode(t, &found)
	if a.status != 200 || len(found.Results) != 1 {
		t.Fatalf("GET %s: status %d: %s", id, a.status, a.body)
	}
	return found.Results[0].V, true
}
