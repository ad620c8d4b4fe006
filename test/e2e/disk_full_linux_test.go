package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	smallDiskSize  = "64m"
	impossibleSize = 128 << 20 // of random letters: these fit into five eighths of it, which is still more than the disk
	fillWriters    = 4
	fillTime       = 60 * time.Second // far more than filling takes
	resumeTime     = 5 * time.Second  // from room on the disk to the first write
	reopenTime     = 20 * time.Second // the same for a server that was started on the full disk
	keptOfARound   = 5                // documents that stay for all later rounds
	keptSizeMax    = 4 << 10
	fillPayloadMax = 256 << 10
	renewBelow     = 28 << 20  // room that a round begins with: to open after a kill, the data file grows by what journals hold
	stateRoomBytes = 192 << 10 // for the journal that the state of the node opens with
)

// A full disk refuses writes and takes none of what was there. When there is room again, writing goes on by itself: in the server
// that saw the disk full, in one that was killed then and started again with room, and in one that was started on the full disk.
// ROOKERY_DISK_LOOPS says how many rounds.
func TestServer_OutlivesAFullDisk(t *testing.T) {
	rounds := loops(t, "ROOKERY_DISK_LOOPS", 3)
	const seed = 11
	t.Logf("seed %d, %d rounds", seed, rounds)
	disk := mountSmallDisk(t, smallDiskSize)
	f := &filling{disk: disk, chance: rand.New(rand.NewPCG(seed, 0)), acked: map[string]string{}, longest: map[string]time.Duration{}}
	f.server = startServer(t, disk.data())
	f.server.createDatabase(t, "Full")
	for round := range rounds {
		f.round(t, round)
		if t.Failed() {
			return
		}
	}
	f.wantAll(t)
	f.server.kill()
	if code, out := runToEnd(t, "check", disk.data()); code != 0 {
		t.Errorf("check after %d rounds: exit code %d\n%s", rounds, code, out)
	}
	t.Logf("%d writes refused, %d starts without the database, %d refused, %d databases renewed; longest time from room to the first write: %v",
		f.refusals, f.unopened, f.unstarted, f.renewed, f.longest)
}

// filling is a disk that is filled and freed, and what was acknowledged on it.
type filling struct {
	disk   smallDisk
	chance *rand.Rand
	server *server

	mu        sync.Mutex        // guards what follows, while writers work
	acked     map[string]string // id to the text of "V"
	sizeBytes int               // acknowledged in this round
	refused   []string          // ids of this round that were answered with an error
	unknown   map[string]string // ids of this round without an answer

	refusals  int
	unopened  int // starts with a database that could not be opened at once
	unstarted int // starts that ended because the disk was full
	renewed   int // databases that were replaced because they had grown

	longest map[string]time.Duration // by what happened on the full disk
}

// round fills the disk, does one of four things on the full disk, frees it, and looks at everything.
func (f *filling) round(t *testing.T, round int) {
	t.Helper()
	f.sizeBytes, f.refused, f.unknown = 0, nil, map[string]string{}
	f.renew(t)
	f.disk.leave(t, 1<<20+f.chance.Int64N(6<<20))
	switch round % 4 {
	case 0:
		f.fill(t, round, fillWriters)
		f.wantAll(t)
		f.disk.free(t)
		f.resume(t, round, "the server that saw it full", resumeTime)
	case 1:
		f.fill(t, round, fillWriters)
		f.server.kill()
		f.startOnFullDisk(t)
		f.resume(t, round, "a server started with room for its own state", reopenTime)
	case 2:
		f.fill(t, round, 1) // the others are killed at work
		f.refuseToStart(t)
		f.resume(t, round, "a server started after one had refused to", resumeTime)
	case 3:
		f.fill(t, round, fillWriters)
		f.server.kill()
		f.disk.free(t)
		f.server = startServer(t, f.disk.data())
		f.resume(t, round, "a server started with room", resumeTime)
	}
	f.settle(t)
	f.wantAll(t)
	f.forget(t, round)
}

// renew puts an empty database in the place of one that has grown to most of the disk: files keep the room of what was deleted.
func (f *filling) renew(t *testing.T) {
	t.Helper()
	if f.disk.freeBytes(t) >= renewBelow {
		return
	}
	f.renewed++
	f.server.must(t, "DELETE", "/admin/databases", `{"DatabaseNames":["Full"],"HardDelete":true}`)
	clear(f.acked)
	f.server.createDatabase(t, "Full")
}

// startOnFullDisk starts the server on a disk that has room for the state of the node and none for the database. What is asked of
// the database is refused in a clear way, or answered, if it had what it needs to open.
func (f *filling) startOnFullDisk(t *testing.T) {
	t.Helper()
	f.disk.shrinkBallast(t, stateRoomBytes)
	f.server = startServer(t, f.disk.data())
	a, err := f.server.request(t.Context(), "GET", "/databases/Full/docs?id=full/0-0-0", "")
	switch {
	case err != nil:
		t.Errorf("GET from a server started on a full disk: %v", err)
	case a.status != 200 && a.status != 404:
		f.unopened++
		wantDiskFull(t, "GET from a server started", a)
	}
	f.disk.free(t)
}

// refuseToStart starts a server where there is no room at all: it ends and says why, or works. Then it starts one with room, as a
// service manager does.
func (f *filling) refuseToStart(t *testing.T) {
	t.Helper()
	s := launch(t, command(t, serveArgs(f.disk.data())...))
	f.disk.free(t)
	if s.url != "" {
		f.server = s
		return
	}
	f.unstarted++
	if code := s.cmd.ProcessState.ExitCode(); code <= 0 || !strings.Contains(s.text(), "disk full") {
		t.Errorf("start on a full disk: exit code %d\n%s", code, s.text())
	}
	f.server = startServer(t, f.disk.data())
}

// fill lets writers put documents until so many of them were refused. When that is not all of them, it kills the server then.
func (f *filling) fill(t *testing.T, round, refused int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), fillTime)
	defer cancel()
	var writers sync.WaitGroup
	ended := make(chan struct{}, fillWriters)
	for w := range fillWriters {
		chance := rand.New(rand.NewPCG(f.chance.Uint64(), uint64(w)))
		writers.Go(func() {
			for n := 0; f.put(ctx, t, fmt.Sprintf("full/%d-%d-%d", round, w, n), chance); n++ {
			}
			ended <- struct{}{}
		})
	}
	for range refused {
		<-ended
	}
	if refused < fillWriters {
		f.server.kill()
	}
	writers.Wait()
	if t.Failed() {
		t.FailNow() // what follows would only say it again, for each document
	}
}

// put writes one document of random size, which does not compress well. It returns false when it was not stored.
func (f *filling) put(ctx context.Context, t *testing.T, id string, chance *rand.Rand) bool {
	t.Helper()
	value := randomText(chance, 1<<chance.IntN(19))
	a, err := f.server.request(ctx, "PUT", "/databases/Full/docs?id="+id, fmt.Sprintf(`{"V":%q,"@metadata":{"@collection":"Full"}}`, value))
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil:
		f.unknown[id] = value
		if ctx.Err() != nil {
			t.Errorf("PUT %s: the disk did not become full in %v", id, fillTime)
		}
		return false
	case a.status != 201:
		f.refused = append(f.refused, id)
		f.refusals++
		wantDiskFull(t, "PUT "+id, a)
		return false
	}
	f.acked[id] = value
	if f.sizeBytes += len(value); f.sizeBytes > impossibleSize {
		t.Errorf("%d bytes were acknowledged in one round, more than the disk can hold", f.sizeBytes)
		return false
	}
	return true
}

// randomText is between half of size and size letters long, and at most fillPayloadMax.
func randomText(chance *rand.Rand, size int) string {
	b := make([]byte, size/2+chance.IntN(size/2+1)+1)
	for i := range b {
		b[i] = 'a' + byte(chance.IntN(26))
	}
	return string(b[:min(len(b), fillPayloadMax)])
}

// wantDiskFull looks that a refusal says what it is, in the way that clients have a class for.
func wantDiskFull(t *testing.T, what string, a answer) {
	t.Helper()
	var body struct {
		Type, Message string
		Problem       string `json:"type"` // without it, Type would take either
	}
	a.decode(t, &body)
	if a.status != 500 || !strings.HasSuffix(body.Type, ".DiskFullException") || !strings.Contains(body.Message, "disk full") {
		t.Errorf("%s on a full disk: status %d, %s: %s", what, a.status, body.Type, body.Message)
	}
}

// resume writes until a write is taken; the disk has just got room.
func (f *filling) resume(t *testing.T, round int, what string, within time.Duration) {
	t.Helper()
	start := time.Now()
	id, value := fmt.Sprintf("resumed/%d", round), "here"
	for {
		a, err := f.server.request(t.Context(), "PUT", "/databases/Full/docs?id="+id, `{"V":"here","@metadata":{"@collection":"Full"}}`)
		if err != nil {
			t.Fatalf("round %d, %s: the server is gone: %v\n%s", round, what, err, f.server.text())
		}
		if a.status == 201 {
			break
		}
		if time.Since(start) > within {
			t.Fatalf("round %d, %s: refused %v after there was room: status %d: %s", round, what, within, a.status, a.body)
		}
		time.Sleep(50 * time.Millisecond)
	}
	f.acked[id] = value
	f.longest[what] = max(f.longest[what], time.Since(start).Round(time.Millisecond))
}

// settle takes up what had no answer: it is there whole or not at all. What was refused is not there.
func (f *filling) settle(t *testing.T) {
	t.Helper()
	for id, value := range f.unknown {
		if got, found := loadFrom(t, f.server, "Full", id); found && got != value {
			t.Errorf("%s had no answer and is there in half: %d bytes of %d", id, len(got), len(value))
		} else if found {
			f.acked[id] = value
		}
	}
	for _, id := range f.refused {
		if _, found := loadFrom(t, f.server, "Full", id); found {
			t.Errorf("%s was refused and is there", id)
		}
	}
}

// wantAll reads all that was acknowledged.
func (f *filling) wantAll(t *testing.T) {
	t.Helper()
	for id, value := range f.acked {
		got, found := loadFrom(t, f.server, "Full", id)
		if !found {
			t.Errorf("%s was acknowledged and is lost", id)
		} else if got != value {
			t.Errorf("%s: got %d bytes, want %d others", id, len(got), len(value))
		}
	}
}

// forget deletes most of a round, so that the disk has room for the next.
func (f *filling) forget(t *testing.T, round int) {
	t.Helper()
	kept, prefix := 0, fmt.Sprintf("full/%d-", round)
	for id, value := range f.acked {
		if !strings.HasPrefix(id, prefix) {
			continue
		}
		if kept < keptOfARound && len(value) <= keptSizeMax {
			kept++
			continue
		}
		f.server.must(t, "DELETE", "/databases/Full/docs?id="+id, "")
		delete(f.acked, id)
	}
}
