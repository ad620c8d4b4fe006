package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	importWriters = 8
	importReaders = 2
	importBatch   = 500 // documents in a request
	importSize    = 500 // bytes of text in a document, about
	outOfMemory   = 3 * time.Second
)

// A server that the kernel gives little memory imports many documents with several clients while others read, and does not end.
// Then it is given less than it needs, in the middle of its work: it ends, and nothing that it acknowledged is lost.
//
// The kernel's limit is one on writable memory of its own (RLIMIT_DATA), which needs no rights. Mapped files are not in it, as the
// kernel may drop those; what was given back to the system still is, so that a server of 128 MiB needs more than that, and what is
// resident is looked at. ROOKERY_SMALL_RUN may name a command that confines the server harder, such as systemd-run with a limit.
// ROOKERY_IMPORT_DOCUMENTS and ROOKERY_MEMORY_LOOPS say how much is imported and how often memory is taken away.
func TestServer_ImportsWithinConfinedMemory(t *testing.T) {
	documents, rounds := loops(t, "ROOKERY_IMPORT_DOCUMENTS", 24_000), loops(t, "ROOKERY_MEMORY_LOOPS", 2)
	for _, mib := range []int64{256, 128} {
		t.Run(fmt.Sprintf("%dMiB", mib), func(t *testing.T) {
			dir := t.TempDir()
			start := func() *server {
				return startConfined(t, max(mib, 256)<<20, dir, fmt.Sprintf("--Memory.LimitInMb=%d", mib))
			}
			i := &importing{server: start()}
			i.server.createDatabase(t, "Import")
			began := time.Now()
			i.run(t, documents, nil)
			took := time.Since(began)
			i.wantCount(t)
			resident, anonymous := i.server.residentPeak(), i.peak.Load()
			if anonymous > mib<<20 {
				t.Errorf("%d MiB of memory of its own, %d are allowed", anonymous>>20, mib)
			}
			t.Logf("%d documents in %v; %d MiB of its own, %d MiB resident at the peak with mapped files",
				i.count(), took.Round(time.Millisecond), anonymous>>20, resident>>20)
			for round := range rounds {
				i.run(t, 1<<30, func() { i.takeMemoryAway(t, round) })
				i.server = start()
				i.wantCount(t)
			}
			t.Logf("out of memory %d times, killed %d times; %d documents", i.outOfMemory, i.killed, i.count())
		})
	}
}

// startConfined starts the server on dir, with a limit for the memory of its own that the kernel keeps. Stacks of threads are
// small, because all of a stack counts, used or not.
func startConfined(t *testing.T, limit int64, dir string, more ...string) *server {
	t.Helper()
	cmd := command(t, append(serveArgs(dir), more...)...)
	args := append(strings.Fields(os.Getenv("ROOKERY_SMALL_RUN")), "sh", "-c", fmt.Sprintf(`ulimit -s 1024 && ulimit -d %d && exec "$@"`, limit>>10), "sh")
	return startCommand(t, exec.Command(args[0], append(args[1:], cmd.Args...)...))
}

// residentPeak returns the most bytes that were resident so far, mapped files among them.
func (s *server) residentPeak() int64 { return s.processBytes("VmHWM") }

// processBytes returns a figure of memory that the system keeps for the process; 0 when it is gone.
func (s *server) processBytes(name string) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), "\n"+name+":")
	var kib int64
	_, _ = fmt.Sscan(rest, &kib)
	return kib << 10
}

// importing is writers that number their batches, and which of those were acknowledged.
type importing struct {
	server *server
	acked  [importWriters]atomic.Int64 // batches, from 0 on
	peak   atomic.Int64                // the most bytes of its own that the server was seen with
	// out of memory or killed, of the ends so far
	outOfMemory, killed int
}

// count is how many documents were acknowledged.
func (i *importing) count() int64 {
	var batches int64
	for w := range i.acked {
		batches += i.acked[w].Load()
	}
	return batches * importBatch
}

// run lets all work until so many documents are there, or, with end, until the server is gone, which end sees to.
func (i *importing) run(t *testing.T, documents int, end func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var writers, readers sync.WaitGroup
	for w := range importWriters {
		writers.Go(func() {
			for ctx.Err() == nil && i.count() < int64(documents) && i.put(ctx, t, w, end != nil) {
			}
		})
	}
	reading, stop := context.WithCancel(ctx)
	for r := range importReaders {
		readers.Go(func() { i.read(reading, t, rand.New(rand.NewPCG(uint64(r), 3))) })
	}
	readers.Go(func() {
		for ; reading.Err() == nil; time.Sleep(10 * time.Millisecond) {
			i.peak.Store(max(i.peak.Load(), i.server.processBytes("RssAnon")))
		}
	})
	if end != nil {
		end()
	}
	writers.Wait()
	stop()
	readers.Wait()
}

// put writes the next batch of a writer. It returns false when the server is gone, which only an expected end excuses.
func (i *importing) put(ctx context.Context, t *testing.T, w int, expected bool) bool {
	t.Helper()
	number := i.acked[w].Load()
	var body strings.Builder
	body.WriteString(`{"Commands":[`)
	for n := range importBatch {
		if n > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"Type":"PUT","Id":"import/%d-%d-%d","Document":{"V":"%d","Text":%q,"@metadata":{"@collection":"Import"}}}`,
			w, number, n, number, strings.Repeat("words ", importSize/6))
	}
	body.WriteString("]}")
	a, err := i.server.request(ctx, "POST", "/databases/Import/bulk_docs", body.String())
	if err != nil && expected {
		return false
	}
	if err != nil || a.status != 201 {
		t.Errorf("bulk_docs: %v, status %d: %.300s\n%s", err, a.status, a.body, tail(i.server.text()))
		return false
	}
	i.acked[w].Add(1)
	return true
}

// read gets documents that were acknowledged, until ctx ends or the server does.
func (i *importing) read(ctx context.Context, t *testing.T, chance *rand.Rand) {
	t.Helper()
	for ctx.Err() == nil {
		w := chance.IntN(importWriters)
		batches := i.acked[w].Load()
		if batches == 0 {
			continue
		}
		id := fmt.Sprintf("import/%d-%d-%d", w, chance.Int64N(batches), chance.IntN(importBatch))
		a, err := i.server.request(ctx, "GET", "/databases/Import/docs?id="+id, "")
		if err != nil {
			return
		}
		if a.status != 200 {
			t.Errorf("GET %s while others write: status %d: %.300s", id, a.status, a.body)
		}
	}
}

// takeMemoryAway waits until some more batches are there, allows the server less memory than it has, and waits for its end. A
// server that gets along for a while is killed.
func (i *importing) takeMemoryAway(t *testing.T, round int) {
	t.Helper()
	for from := i.count(); i.count() < from+int64(4+round%5)*importBatch; time.Sleep(time.Millisecond) {
		select {
		case <-i.server.ended:
			t.Errorf("the server ended by itself:\n%s", tail(i.server.text()))
			return
		case <-t.Context().Done():
			return
		default:
		}
	}
	little := unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	if err := unix.Prlimit(i.server.cmd.Process.Pid, syscall.RLIMIT_DATA, &little, nil); err != nil {
		t.Logf("memory cannot be taken away here: %v", err)
		i.server.kill()
	}
	select {
	case <-i.server.ended:
		i.outOfMemory++
	case <-time.After(outOfMemory):
		i.killed++
		i.server.kill()
	}
}

// wantCount looks that the last acknowledged batch of each writer is there, that all batches are whole, and that none are too many.
func (i *importing) wantCount(t *testing.T) {
	t.Helper()
	for w := range i.acked {
		last := i.acked[w].Load() - 1
		for n := 0; n < importBatch && last >= 0; n += importBatch / 5 {
			id := fmt.Sprintf("import/%d-%d-%d", w, last, n)
			if got, found := loadFrom(t, i.server, "Import", id); !found || got != strconv.FormatInt(last, 10) {
				t.Errorf("%s was acknowledged: got %q (found: %v)", id, got, found)
			}
		}
	}
	var stats struct{ CountOfDocuments int64 }
	i.server.must(t, "GET", "/databases/Import/stats", "").decode(t, &stats)
	got, least := stats.CountOfDocuments, i.count()
	if got < least || got > least+importWriters*importBatch || got%importBatch != 0 {
		t.Errorf("%d documents are there, %d were acknowledged in batches of %d", got, least, importBatch)
	}
}

// tail is the end of a text that may be long.
func tail(text string) string { return text[max(0, len(text)-4000):] }
