//go:build linux

package storage_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/vfs"
)

// The masked secrets reach the child in its environment; it must not hold them as they are anywhere but where storage keeps them.
const (
	idleDir  = "ROOKERY_TEST_IDLE_DIR"
	idleMask = 0xA5
)

// TestEncrypted_IdleProcessHasNothingInClear writes and reads in another process, and looks through all of its memory while it has
// an open environment and nothing to do.
func TestEncrypted_IdleProcessHasNothingInClear(t *testing.T) {
	if dir := os.Getenv(idleDir); dir != "" {
		idleChild(t, dir)
		return
	}
	marker, key := make([]byte, 24), make([]byte, secret.KeyBytes)
	_, _ = rand.Read(marker)
	_, _ = rand.Read(key)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestEncrypted_IdleProcessHasNothingInClear$", "-test.v")
	// A signal that interrupts copying leaves the registers of that moment in the frame of its handler, out of our reach; the
	// runtime sends them to make goroutines give way.
	child.Env = append(os.Environ(), idleDir+"="+t.TempDir(), "GODEBUG=asyncpreemptoff=1")
	in, err := child.StdinPipe()
	must(t, err)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	_, err = fmt.Fprintf(in, "%s\n", hex.EncodeToString(masked(append(bytes.Clone(marker), key...))))
	must(t, err)

	lines := bufio.NewScanner(out)
	said := waitFor(lines, "busy")
	if hits := inMemory(t, child.Process.Pid, marker); said != "" || hits == 0 {
		t.Errorf("the search finds %d places while a transaction is open, it must find some: %s", hits, said)
	}
	_, err = fmt.Fprintln(in, "go on")
	must(t, err)
	said = waitFor(lines, "idle")
	for name, what := range map[string][]byte{"text": marker, "key": key} {
		if hits := inMemory(t, child.Process.Pid, what); said != "" || hits > 0 {
			t.Errorf("%d places of an idle process have the %s: %s", hits, name, said)
		}
	}
	must(t, in.Close())
	for lines.Scan() {
	}
	if err := child.Wait(); err != nil {
		t.Errorf("child: %v", err)
	}
}

// waitFor reads until a line is want, and returns what came instead when none is.
func waitFor(lines *bufio.Scanner, want string) (said string) {
	var all []string
	for lines.Scan() {
		if lines.Text() == want {
			return ""
		}
		all = append(all, lines.Text())
	}
	return "ended after " + strings.Join(all, "\n")
}

func masked(b []byte) []byte {
	for i := range b {
		b[i] ^= idleMask
	}
	return b
}

// idleChild is the other process: it fills an environment with values that have the marker, reads them, and waits.
func idleChild(t *testing.T, dir string) {
	t.Helper()
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadString('\n')
	must(t, err)
	given, err := hex.DecodeString(strings.TrimSpace(line))
	must(t, err)
	marker := given[:24] // stays masked
	key := [secret.KeyBytes]byte(given[24:])
	masked(key[:])
	sealed, err := secret.Seal(&key, rand.Reader, secret.Options{})
	must(t, err)
	env, err := storage.Open(storage.Options{
		FS: vfs.OS(), Dir: dir, Now: time.Now, Rand: mathrand.New(mathrand.NewPCG(1, 2)), CompressAboveBytes: 1 << 10, ManualFlush: true,
		Encryption: &storage.Encryption{Key: sealed, Memory: secret.NewArena(secret.Options{}), Algorithm: crypt.AESGCM, Random: rand.Reader},
	})
	must(t, err)
	value := make([]byte, 400*len(marker))
	fill := func(repeat int) []byte {
		for i := range repeat * len(marker) {
			value[i] = marker[i%len(marker)] ^ idleMask
		}
		return value[:repeat*len(marker)]
	}
	for i := range 300 {
		must(t, env.Update(func(tx *storage.WriteTx) error {
			tree, err := tx.WriteTree("t")
			if err != nil {
				return err
			}
			if i%5 == 4 {
				if _, err := tree.Delete(fmt.Appendf(nil, "%d", i/2)); err != nil {
					return err
				}
			}
			return tree.Put(fmt.Appendf(nil, "%d", i), fill(1+i%17*(1+i%3*i%8)))
		}))
		clear(value)
		if i%50 == 0 {
			must(t, env.Flush())
		}
	}
	must(t, env.Flush())
	must(t, env.Sync())
	tx, err := env.Read()
	must(t, err)
	tree, _ := tx.Tree("t")
	cursor, n := tree.Cursor(), 0
	for ok := cursor.First(); ok; ok = cursor.Next() {
		n += len(cursor.Value())
	}
	if cursor.Err() != nil || n == 0 {
		t.Fatalf("read %d bytes: %v", n, cursor.Err())
	}
	fmt.Fprintln(os.Stdout, "busy")
	_, err = in.ReadString('\n')
	must(t, err)
	tx.Close()
	fmt.Fprintln(os.Stdout, "idle")
	_, _ = io.Copy(io.Discard, in)
	must(t, env.Close())
}

// inMemory counts the places where a process has what in memory that it can write.
func inMemory(t *testing.T, pid int, what []byte) (hits int) {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	must(t, err)
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	must(t, err)
	defer mem.Close()
	read := int64(0)
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var rights string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); n != 3 || !strings.HasPrefix(rights, "rw") {
			continue
		}
		b := make([]byte, to-from)
		n, _ := mem.ReadAt(b, from) // parts that were never touched cannot be read
		read += int64(n)
		hits += bytes.Count(b[:n], what)
	}
	if read < 1<<20 {
		t.Fatalf("only %d bytes of the process could be read", read)
	}
	return hits
}
