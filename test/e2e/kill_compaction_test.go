package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A compaction that is killed at any moment leaves the database with all that was in it, and the next one works.
func TestCompact_KilledLeavesTheDatabaseWhole(t *testing.T) {
	const seed, batches = 11, 40
	chance := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	s := startServer(t, dir)
	s.createDatabase(t, "Shop")
	for batch := range batches {
		s.must(t, "POST", "/databases/Shop/bulk_docs", batchOf(batch, chance))
	}
	want := s.must(t, "GET", "/databases/Shop/stats", "").documents(t)
	if code := s.terminate(t); code != 0 {
		t.Fatalf("the server ended with %d", code)
	}
	left := map[string]int{}
	for range killLoops(t) {
		killCompaction(t, dir, time.Duration(chance.IntN(900))*time.Millisecond)
		left[compactionState(filepath.Join(dir, "Databases", "shop"))]++
		s = startServer(t, dir)
		if got := s.must(t, "GET", "/databases/Shop/stats", "").documents(t); got != want {
			t.Fatalf("%d documents, %d before (seed %d, %v)", got, want, seed, left)
		}
		s.must(t, "PUT", "/databases/Shop/docs?id=users/0-0", `{"again":true}`)
		if code := s.terminate(t); code != 0 {
			t.Fatalf("the server ended with %d", code)
		}
	}
	t.Logf("seed %d: kills left %v", seed, left)
	if code, out := runToEnd(t, "compact", dir, "Shop"); code != 0 {
		t.Errorf("compact: exit code %d\n%s", code, out)
	}
	if code, out := runToEnd(t, "check", dir); code != 0 {
		t.Errorf("check: exit code %d\n%s", code, out)
	}
}

// batchOf is a batch of 100 documents of about 2 KiB that do not compress to nothing.
func batchOf(batch int, chance *rand.Rand) string {
	var commands []string
	for i := range 100 {
		pad := make([]byte, 2000)
		for j := range pad {
			pad[j] = byte('a' + chance.IntN(26))
		}
		commands = append(commands, fmt.Sprintf(`{"Type":"PUT","Id":"users/%d-%d","Document":{"pad":"%s"}}`, batch, i, pad))
	}
	return `{"Commands":[` + strings.Join(commands, ",") + `]}`
}

// killCompaction begins to compact the database called Shop and kills that after a while, if it has not ended by then.
func killCompaction(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := command(t, "compact", dir, "Shop")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
}

// compactionState tells what a killed compaction left in the directory of its database.
func compactionState(dir string) string {
	has := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	switch {
	case has("swap"):
		return "the marker"
	case has("compact"):
		return "half a copy"
	}
	return "nothing"
}

// documents reads the count from an answer with statistics.
func (a answer) documents(t *testing.T) (n int64) {
	t.Helper()
	var stats struct{ CountOfDocuments int64 }
	a.decode(t, &stats)
	return stats.CountOfDocuments
}
