package storage_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/storagetest"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// patient is an environment to be damaged.
type patient struct {
	kind      string
	disk      *memfs.FS
	digests   []uint64        // all its states; the newest header has the one at 40, or a later one
	algorithm crypt.Algorithm // 0 in a plain one
}

// patients are the kinds there are, each with the operation of a compaction after which it is taken.
var patients = []struct {
	kind      string
	algorithm crypt.Algorithm
	taken     func(disk *memfs.FS) bool // nil: there is no compaction
}{
	{"plain", 0, nil},
	{"AES-GCM", crypt.AESGCM, nil},
	{"ChaCha20", crypt.ChaCha20Poly1305, nil},
	{"marked", 0, isMarked},
	{"moving", 0, isMoving},
	{"encrypted and marked", crypt.AESGCM, isMarked},
}

func exists(disk *memfs.FS, name string) bool {
	_, err := disk.Stat(name)
	return err == nil
}

func isMarked(disk *memfs.FS) bool {
	return exists(disk, "env/swap") && exists(disk, "env/compact/data")
}

func isMoving(disk *memfs.FS) bool {
	return exists(disk, "env/swap") && !exists(disk, "env/compact/data") && exists(disk, "env/compact/header.two")
}

// newPatient makes the environment with this number; kinds go round.
func newPatient(t *testing.T, number uint64) patient {
	t.Helper()
	kind := patients[number%uint64(len(patients))]
	p := patient{kind: kind.kind, algorithm: kind.algorithm}
	disk := memfs.New()
	opts := p.options(disk)
	p.disk, p.digests = writtenWith(t, opts, disk, number)
	if kind.taken != nil {
		p.compact(t, kind.taken)
	}
	p.close(opts)
	return p
}

// compact begins a compaction and keeps what a power cut leaves of it.
func (p *patient) compact(t *testing.T, taken func(*memfs.FS) bool) {
	t.Helper()
	disk := p.disk.AfterCrash(memfs.AllWritten, 0, memfs.Record())
	opts := p.options(disk)
	opts.MaxUnflushedBytes = 16 << 20
	_, err := compact(opts, storagetest.Parts())
	must(t, err)
	p.close(opts)
	p.digests = p.digests[len(p.digests)-1:] // the copy has but one
	for op := range disk.OpCount() {
		if p.disk = disk.CrashAt(op, memfs.AllWritten, 0); taken(p.disk) {
			return
		}
	}
	t.Fatal("the compaction never was there")
}

func (p *patient) options(disk vfs.FS) storage.Options {
	if p.algorithm != 0 {
		return encrypted(disk, p.algorithm)
	}
	return storagetest.Options(disk)
}

// close releases what encryption holds, after the environment.
func (*patient) close(opts storage.Options) {
	if opts.Encryption != nil {
		opts.Encryption.Memory.Close()
	}
}

// TestDamage_IsFoundOrHarmless damages any place of any file. Whatever is read afterwards was committed once; a journal
// cut at its end may lose the last commits, as a torn write does, and nothing else may be lost without an error.
//
// ROOKERY_DAMAGE_FAULTS is the number of faults, ROOKERY_DAMAGE_SEED replays a run.
func TestDamage_IsFoundOrHarmless(t *testing.T) {
	faults := 4000
	if testing.Short() {
		faults = 600
	}
	faults = numberOr("ROOKERY_DAMAGE_FAULTS", faults)
	perPatient := min(200, faults/len(patients))
	random := rand.New(rand.NewPCG(11, uint64(numberOr("ROOKERY_DAMAGE_SEED", 12))))
	hows, files := map[string]int{}, map[string]int{}
	var p patient
	for i := range faults {
		if i%perPatient == 0 {
			p = newPatient(t, uint64(i/perPatient))
		}
		left := p.disk.AfterCrash(memfs.SyncedOnly, 0)
		f := drawDamage(left, random)
		f.inflict(left)
		outcome := p.wantTruth(t, left, f)
		if outcome == "wrong" || t.Failed() {
			t.Fatalf("fault %d, %s: %v was neither found nor harmless", i, p.kind, f)
		}
		hows[f.how+": "+outcome]++
		files[f.kindOfFile()+": "+outcome]++
	}
	t.Logf("%d faults: %v\nof %v", faults, hows, files)
	for _, how := range damages {
		if hows[how+": found"] == 0 {
			t.Errorf("no %s was ever found", how)
		}
	}
	for _, file := range []string{
		"data: found", "header: harmless", "journal: found", "spare journal: harmless", "images: harmless",
		"swap marker: harmless", "copy: harmless",
	} {
		if files[file] == 0 {
			t.Errorf("never met: %s", file)
		}
	}
}

// damages are all that may happen to a file.
var damages = []string{"flip", "zero", "misdirect", "stray", "tear", "cut", "exchange"}

// harm is one damage.
type harm struct {
	how         string
	file, other string // other is where a stray page comes from, or what file is exchanged with
	at, from    uint32 // places, to be taken modulo lengths
	bit         int
}

func drawDamage(disk *memfs.FS, random *rand.Rand) harm {
	files := slices.DeleteFunc(disk.Files(), func(name string) bool { return path.Base(name) == "lock" })
	h := harm{how: damages[random.IntN(len(damages))], at: random.Uint32(), from: random.Uint32(), bit: random.IntN(8)}
	h.file, h.other = files[random.IntN(len(files))], files[random.IntN(len(files))]
	if random.IntN(3) == 0 {
		h.file = files[0] // the data file, or that of the copy
	}
	return h
}

// kindOfFile is what the first damaged file is for.
func (h harm) kindOfFile() string {
	switch base := path.Base(h.file); {
	case strings.Contains(h.file, "/compact/"):
		return "copy"
	case strings.HasPrefix(base, "spare"):
		return "spare journal"
	case strings.HasSuffix(base, ".journal"):
		return "journal"
	case strings.HasPrefix(base, "header"):
		return "header"
	case strings.HasPrefix(base, "images"):
		return "images"
	case base == "swap":
		return "swap marker"
	default:
		return base
	}
}

// tailLost is how many of the last commits the damage may lose unnoticed, if it hit their records: those that one bit or one page can
// hit, and any number when a journal was cut or exchanged. A record in the middle is missed.
func (h harm) tailLost() int {
	exchanged := h.how == "exchange"
	switch {
	case !strings.Contains(h.file, "journal") && !(exchanged && strings.Contains(h.other, "journal")):
		return 0
	case exchanged || h.how == "cut":
		return 20 // as many as came after the last sync
	case h.how == "flip":
		return 1
	default:
		return page.SizeBytes / 4096 // which is the least that a record takes
	}
}

func (h harm) String() string {
	return fmt.Sprintf("%s of %s at %d (from %d of %s)", h.how, h.file, h.at, h.from, h.other)
}

// inflict does it.
func (h harm) inflict(disk *memfs.FS) {
	var other []byte
	disk.Corrupt(h.other, func(b []byte) []byte { other = bytes.Clone(b); return b })
	disk.Corrupt(h.file, func(b []byte) []byte {
		old := bytes.Clone(b)
		if h.how == "exchange" {
			b = other
		} else if len(b) > 0 {
			b = h.change(b, other)
		}
		other = old
		return b
	})
	if h.how == "exchange" && h.file != h.other {
		disk.Corrupt(h.other, func([]byte) []byte { return other })
	}
}

// change returns b with the damage.
func (h harm) change(b, other []byte) []byte {
	at := place(h.at, len(b))
	start := at / page.SizeBytes * page.SizeBytes
	end := min(start+page.SizeBytes, len(b))
	switch h.how {
	case "flip":
		b[at] ^= 1 << h.bit
	case "zero":
		clear(b[start:end])
	case "misdirect":
		copy(b[start:end], b[place(h.from, len(b))/page.SizeBytes*page.SizeBytes:])
	case "stray":
		if len(other) > 0 {
			copy(b[start:end], other[place(h.from, len(other))/page.SizeBytes*page.SizeBytes:])
		}
	case "tear":
		junk := rand.New(rand.NewPCG(uint64(h.at), uint64(h.from)))
		for i := at; i < min(end, at+512); i++ {
			b[i] = byte(junk.Uint32())
		}
	case "cut":
		b = b[:at]
	}
	return b
}

// place turns a drawn number into one below n. An int of 32 bits does not hold all that are drawn.
func place(drawn uint32, n int) int { return int(uint64(drawn) % uint64(n)) }

// wantTruth opens what is left and reads all of it.
func (p *patient) wantTruth(t *testing.T, disk *memfs.FS, h harm) (outcome string) {
	t.Helper()
	opts := p.options(disk)
	defer p.close(opts)
	env, err := storage.Open(opts)
	if err != nil {
		wantCorrupt(t, "open", err)
		if p.algorithm != 0 && opts.Encryption.Memory.Stats().UsedBytes > 0 {
			t.Error("pages in clear stay in memory after a failed open")
		}
		return "found"
	}
	defer env.Close()
	tx, err := env.Read()
	must(t, err)
	defer tx.Close()
	got, err := storagetest.DigestOf(tx)
	if err != nil {
		wantCorrupt(t, "reading", err)
		return "found"
	}
	if got == p.digests[len(p.digests)-1] {
		return "harmless"
	}
	if last := len(p.digests); slices.Contains(p.digests[max(0, last-1-h.tailLost()):], got) {
		return "tail lost"
	}
	return "wrong"
}

func wantCorrupt(t *testing.T, what string, err error) {
	t.Helper()
	if fault.Of(err) != fault.Corrupt {
		t.Errorf("%s gave %v, want an error of kind corrupt", what, err)
	}
}
