package salvagetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/crypt"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/storage/secret"
	"github.com/rookerydb/rookery/internal/storage/section"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// Dir is where Build puts the environment; Data is its data file.
const (
	Dir  = "db"
	Data = Dir + "/data"
)

// Database is an environment with documents, and all that is known of it.
type Database struct {
	Disk *memfs.FS
	// Versions are all bodies that were ever committed, by id in lower case, as clients read them.
	Versions map[string]map[string]bool
	Live     map[string]Live
	// Deleted are the ids that are not live, each with the page of its tombstone.
	Deleted map[string]page.No
	// Changed is the transaction that wrote each live document last.
	Changed map[string]uint64
	// Settled are the documents that are live, and were not changed since the data file was last made durable.
	Settled map[string]bool

	env    *storage.Env
	store  *docstore.Store
	random *rand.Rand
	now    time.Time
}

// Live is a document that is there in the end.
type Live struct {
	JSON string
	// Slot is the data page with the row, or with what leads to its run. First and Last are the pages that hold the row
	// itself: Slot, or the run.
	Slot, First, Last page.No
}

// Shape says how large a database is to be.
type Shape struct {
	Seed uint64
	Ops  int // puts and deletes
	IDs  int // among how many ids they choose
	// Huge is how many in a thousand documents are of 100 KB to 3 MB.
	Huge int
	// Crash leaves files as a power cut does: some commits are only in journals.
	Crash bool
	// LogOnly never makes the data file durable, so that journals have all there is. Only with Crash.
	LogOnly bool

	// Key encrypts the environment with Algorithm; nil leaves it plain.
	Key       *[crypt.KeyBytes]byte
	Algorithm crypt.Algorithm

	stayOpen bool
}

// Build makes a database of that shape on a disk in memory. The same shape gives the same bytes.
func Build(t testing.TB, shape Shape) *Database {
	t.Helper()
	d := &Database{
		Disk: memfs.New(), Versions: map[string]map[string]bool{}, Live: map[string]Live{}, Deleted: map[string]page.No{}, Settled: map[string]bool{}, Changed: map[string]uint64{},
		random: rand.New(rand.NewPCG(shape.Seed, 1)), now: time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC),
	}
	if !shape.Crash {
		d.Disk = memfs.New(memfs.WithoutCrashes())
	}
	d.open(t, shape)
	for done := 0; done < shape.Ops; {
		n := 1 + d.random.IntN(20)
		d.commit(t, shape, n)
		done += n
		if d.random.IntN(12) == 0 && !shape.LogOnly {
			d.flush(t)
		}
	}
	d.locate(t)
	if shape.stayOpen {
		return d
	}
	if shape.Crash {
		d.crash(t, memfs.SyncedOnly, 0)
		return d
	}
	must(t, d.env.Close())
	return d
}

// BuildTorn is Build with a power cut in the middle of a flush, that tears pages.
func BuildTorn(t testing.TB, shape Shape) *Database {
	t.Helper()
	shape.Crash, shape.stayOpen = true, true
	d := Build(t, shape)
	must(t, d.env.Flush())
	d.crash(t, memfs.Torn, shape.Seed)
	return d
}

// crash leaves what a power cut leaves.
func (d *Database) crash(t testing.TB, mode memfs.CrashMode, seed uint64) {
	t.Helper()
	left := d.Disk.AfterCrash(mode, seed, memfs.WithoutCrashes())
	must(t, d.env.Close())
	d.Disk = left
}

// flush writes to the data file, and makes it durable half of the time.
func (d *Database) flush(t testing.TB) {
	t.Helper()
	must(t, d.env.Flush())
	if d.random.IntN(2) == 0 {
		return
	}
	must(t, d.env.Sync())
	must(t, d.env.View(func(tx *storage.ReadTx) error {
		for doc, err := range d.store.Newest(tx) {
			must(t, err)
			d.Settled[key(doc.ID)] = true
		}
		return nil
	}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *Database) open(t testing.TB, shape Shape) {
	t.Helper()
	opts := storage.Options{
		FS: d.Disk, Dir: Dir, Now: func() time.Time { return d.now }, Rand: d.random, ManualFlush: true,
		JournalBytesMin: 64 << 10, JournalBytesMax: 1 << 20,
	}
	if shape.Key != nil {
		key := *shape.Key
		random := rand.NewChaCha8([32]byte{byte(shape.Seed)})
		sealed, err := secret.Seal(&key, random, secret.Options{})
		must(t, err)
		t.Cleanup(sealed.Destroy)
		opts.Encryption = &storage.Encryption{
			Key: sealed, Memory: secret.NewArena(secret.Options{}), Algorithm: shape.Algorithm, Random: random,
		}
	}
	var err error
	d.env, err = storage.Open(opts)
	must(t, err)
	d.store = docstore.New(docstore.Options{
		NodeTag: "A", DatabaseID: "2ZYfAzcv8Ee+U/12oFmTJQ", Now: func() time.Time { return d.now }, Rand: d.random,
	})
}

// commit does n puts and deletes in one transaction.
func (d *Database) commit(t testing.TB, shape Shape, n int) {
	t.Helper()
	must(t, d.env.Update(func(tx *storage.WriteTx) error {
		for range n {
			d.now = d.now.Add(time.Millisecond)
			id := fmt.Sprintf("Items/%d-É", d.random.IntN(shape.IDs))
			delete(d.Settled, key(id))
			if d.random.IntN(5) == 0 {
				if _, _, err := d.store.Delete(tx, id, docstore.Any()); err != nil {
					return err
				}
				continue
			}
			doc, err := jsondoc.Parse([]byte(d.body(shape)))
			if err != nil {
				return err
			}
			got, err := d.store.Put(tx, docstore.Put{ID: id, Data: doc})
			if err != nil {
				return err
			}
			d.remember(got)
			d.Changed[key(id)] = uint64(tx.ID())
		}
		return nil
	}))
}

func key(id string) string { return strings.ToLower(id) }

func (d *Database) remember(doc docstore.Document) {
	k := key(doc.ID)
	if d.Versions[k] == nil {
		d.Versions[k] = map[string]bool{}
	}
	d.Versions[k][string(doc.AppendJSON(nil))] = true
}

// body makes a document: mostly a few hundred bytes, sometimes a few pages, seldom much more.
func (d *Database) body(shape Shape) string {
	size := 20 + d.random.IntN(1500)
	switch roll := d.random.IntN(1000); {
	case roll < shape.Huge:
		size = 100_000 + d.random.IntN(2_900_000)
	case roll < 100:
		size = 3000 + d.random.IntN(60_000)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `{"n":%d,"text":"`, d.random.Int64())
	for b.Len() < size {
		fmt.Fprintf(&b, "%x ", d.random.Uint64())
	}
	b.WriteString(`","@metadata":{"@collection":"Items"}}`)
	return b.String()
}

// locate looks where everything lies.
func (d *Database) locate(t testing.TB) {
	t.Helper()
	must(t, d.env.View(func(tx *storage.ReadTx) error {
		for doc, err := range d.store.Newest(tx) {
			must(t, err)
			d.Live[key(doc.ID)] = Live{JSON: string(doc.AppendJSON(nil))}
		}
		rows, _ := tx.Sections("documents")
		for r, err := range rows.Rows() {
			must(t, err)
			d.locateRow(t, tx, r)
		}
		graves, ok := tx.Sections("tombstones")
		if !ok {
			return nil
		}
		for r, err := range graves.Rows() {
			must(t, err)
			d.Deleted[idOf(t, r.Data)] = r.ID.Page()
		}
		return nil
	}))
}

func (d *Database) locateRow(t testing.TB, tx *storage.ReadTx, r section.Row) {
	t.Helper()
	id := idOf(t, r.Data)
	l, ok := d.Live[id]
	if !ok {
		t.Fatalf("row of %q, which is no document", id)
	}
	l.Slot = r.ID.Page()
	l.First, l.Last = l.Slot, l.Slot
	p, err := tx.Page(l.Slot)
	must(t, err)
	data, err := section.ReadDataPage(p, l.Slot)
	must(t, err)
	if _, run, ok := data.Cell(r.ID.Slot()); ok && run != 0 {
		p, err := tx.Page(run)
		must(t, err)
		l.First, l.Last = run, run+page.No(page.RunLen(p))-1
	}
	d.Live[id] = l
}

// Open opens the database with the engine, to see that it can, or cannot.
func Open(disk vfs.FS) (*storage.Env, error) {
	return storage.Open(storage.Options{
		FS: disk, Dir: Dir, Now: func() time.Time { return time.Unix(2e9, 0) }, Rand: rand.New(rand.NewPCG(1, 2)), ReadOnly: true,
	})
}
