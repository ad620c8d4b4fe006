package storagetest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/storage/section"
	"github.com/zeebo/xxh3"
)

// Names of the structures that a Workload fills.
const (
	treeName  = "tree"  // text to values of any size
	fixedName = "fixed" // numbers to fixedBytes bytes
	indexName = "index" // text to row ids in rowsName
	rowsName  = "rows"
	tempName  = "temporary" // filled and dropped now and then, as is tempRowsName

	tempRowsName = "temporary rows"

	fixedBytes = 12
)

// Workload commits seeded changes to an environment and knows what must be in it after each. The same seed makes the same
// changes.
type Workload struct {
	seed    uint64
	commits int

	tree  map[string]string
	fixed map[uint64]string
	rows  map[string]row
}

// row is what the index leads to.
type row struct {
	id   section.RowID
	text string
}

// NewWorkload returns a workload that has done nothing yet.
func NewWorkload(seed uint64) *Workload {
	return &Workload{seed: seed, tree: map[string]string{}, fixed: map[uint64]string{}, rows: map[string]row{}}
}

// Commits is how many commits were confirmed.
func (w *Workload) Commits() int { return w.commits }

// Commit makes the next transaction of one to twelve changes. After an error the workload cannot go on.
func (w *Workload) Commit(env *storage.Env) error {
	p, err := w.CommitAsync(env)
	if err == nil {
		err = p.Wait()
	}
	return err
}

// CommitAsync is Commit without waiting until it is durable. After an error, here or of Wait, the workload cannot go on.
func (w *Workload) CommitAsync(env *storage.Env) (*storage.Pending, error) {
	p, err := w.commit(env)
	if err != nil {
		return nil, fmt.Errorf("commit %d: %w", w.commits+1, err)
	}
	w.commits++
	return p, nil
}

func (w *Workload) commit(env *storage.Env) (*storage.Pending, error) {
	random := rand.New(rand.NewPCG(w.seed, uint64(w.commits)))
	prepares := rand.New(rand.NewPCG(w.seed, ^uint64(w.commits)))
	tx, err := env.Write()
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	for range 1 + random.IntN(12) {
		if prepares.IntN(3) == 0 {
			tx.Prepare()
		}
		if err := w.change(tx, random); err != nil {
			return nil, err
		}
	}
	return tx.CommitAsync()
}

func (w *Workload) change(tx *storage.WriteTx, random *rand.Rand) error {
	switch n := random.IntN(100); {
	case n < 30:
		return w.putTree(tx, random)
	case n < 40:
		return w.deleteTree(tx, random)
	case n < 55:
		return w.putFixed(tx, random)
	case n < 62:
		return w.deleteFixed(tx, random)
	case n < 85:
		return w.putRow(tx, random)
	case n < 97:
		return w.deleteRow(tx, random)
	default:
		return w.fillOrDrop(tx, random)
	}
}

func (w *Workload) putTree(tx *storage.WriteTx, random *rand.Rand) error {
	key, value := fmt.Sprintf("key %03d", random.IntN(400)), text(random)
	tree, err := tx.WriteTree(treeName)
	if err != nil {
		return err
	}
	w.tree[key] = value
	return tree.Put([]byte(key), []byte(value))
}

func (w *Workload) deleteTree(tx *storage.WriteTx, random *rand.Rand) error {
	tree, err := tx.WriteTree(treeName)
	key, found := pick(w.tree, random)
	if err != nil || !found {
		return err
	}
	delete(w.tree, key)
	return mustBeThere(tree.Delete([]byte(key)))
}

func (w *Workload) putFixed(tx *storage.WriteTx, random *rand.Rand) error {
	key, value := uint64(random.IntN(5000)), fmt.Sprintf("%012d", random.IntN(1e9))
	fixed, err := tx.WriteFixedTree(fixedName, fixedBytes)
	if err != nil {
		return err
	}
	w.fixed[key] = value
	return fixed.Put(key, []byte(value))
}

func (w *Workload) deleteFixed(tx *storage.WriteTx, random *rand.Rand) error {
	fixed, err := tx.WriteFixedTree(fixedName, fixedBytes)
	key, found := pick(w.fixed, random)
	if err != nil || !found {
		return err
	}
	delete(w.fixed, key)
	return mustBeThere(fixed.Delete(key))
}

// putRow inserts a row or replaces the one of the same name, as a table does.
func (w *Workload) putRow(tx *storage.WriteTx, random *rand.Rand) error {
	name, content := fmt.Sprintf("row %03d", random.IntN(300)), text(random)
	rows, err := tx.WriteSections(rowsName)
	if err != nil {
		return err
	}
	old, found := w.rows[name]
	id := old.id
	if found {
		id, err = rows.Replace(id, []byte(content))
	} else {
		id, err = rows.Insert([]byte(content))
	}
	if err != nil {
		return err
	}
	w.rows[name] = row{id, content}
	if found && id == old.id {
		return nil
	}
	index, err := tx.WriteTree(indexName)
	if err != nil {
		return err
	}
	return index.Put([]byte(name), binary.BigEndian.AppendUint64(nil, uint64(id)))
}

func (w *Workload) deleteRow(tx *storage.WriteTx, random *rand.Rand) error {
	name, found := pick(w.rows, random)
	if !found {
		return nil
	}
	rows, err := tx.WriteSections(rowsName)
	if err != nil {
		return err
	}
	index, err := tx.WriteTree(indexName)
	if err != nil {
		return err
	}
	if err := rows.Delete(w.rows[name].id); err != nil {
		return err
	}
	delete(w.rows, name)
	return mustBeThere(index.Delete([]byte(name)))
}

// fillOrDrop makes structures that the digest does not look at, or drops them: their pages go and come for others.
func (w *Workload) fillOrDrop(tx *storage.WriteTx, random *rand.Rand) error {
	if random.IntN(2) == 0 {
		if err := tx.Drop(tempName); err != nil {
			return err
		}
		return tx.Drop(tempRowsName)
	}
	tree, err := tx.WriteTree(tempName)
	if err != nil {
		return err
	}
	rows, err := tx.WriteSections(tempRowsName)
	if err != nil {
		return err
	}
	for i := range 8 {
		if err := tree.Put(fmt.Append(nil, i), []byte(text(random))); err != nil {
			return err
		}
		if _, err := rows.Insert([]byte(text(random))); err != nil {
			return err
		}
	}
	return nil
}

// text is mostly short, sometimes longer than a page; some of it compresses well.
func text(random *rand.Rand) string {
	n := random.IntN(300)
	switch random.IntN(20) {
	case 0:
		n = random.IntN(30_000)
	case 1, 2:
		n = random.IntN(5000)
	}
	b := make([]byte, n)
	span := []uint32{1, 8, 250}[random.IntN(3)]
	for i := range b {
		b[i] = byte(random.Uint32N(span)) + 'a'
	}
	return string(b)
}

// pick returns a key that is there.
func pick[K string | uint64, V any](m map[K]V, random *rand.Rand) (key K, found bool) {
	if len(m) == 0 {
		return key, false
	}
	keys := slices.Sorted(maps.Keys(m))
	return keys[random.IntN(len(keys))], true
}

func mustBeThere(found bool, err error) error {
	if err == nil && !found {
		return fmt.Errorf("an entry that must be there was not found")
	}
	return err
}

// Digest tells the state after the commits so far from all others.
func (w *Workload) Digest() uint64 {
	var d digest
	for _, key := range slices.Sorted(maps.Keys(w.tree)) {
		d.add([]byte(key), []byte(w.tree[key]))
	}
	for _, key := range slices.Sorted(maps.Keys(w.fixed)) {
		d.add(binary.BigEndian.AppendUint64(nil, key), []byte(w.fixed[key]))
	}
	for _, name := range slices.Sorted(maps.Keys(w.rows)) {
		d.add([]byte(name), []byte(w.rows[name].text))
	}
	return d.Sum64()
}

// DigestOf reads the same from an environment.
func DigestOf(tx storage.Tx) (uint64, error) {
	var d digest
	if err := d.addTree(tx); err != nil {
		return 0, err
	}
	if err := d.addFixed(tx); err != nil {
		return 0, err
	}
	err := d.addRows(tx)
	return d.Sum64(), err
}

type digest struct{ xxh3.Hasher }

func (d *digest) add(key, value []byte) {
	for _, part := range [][]byte{key, value} {
		_, _ = d.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // never fails
		_, _ = d.Write(part)
	}
}

func (d *digest) addTree(tx storage.Tx) error {
	tree, found := tx.Tree(treeName)
	if !found {
		return nil
	}
	c := tree.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		d.add(c.Key(), c.Value())
	}
	return c.Err()
}

func (d *digest) addFixed(tx storage.Tx) error {
	fixed, found := tx.FixedTree(fixedName)
	if !found {
		return nil
	}
	c := fixed.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		d.add(binary.BigEndian.AppendUint64(nil, c.Key()), c.Value())
	}
	return c.Err()
}

func (d *digest) addRows(tx storage.Tx) error {
	index, found := tx.Tree(indexName)
	if !found {
		return nil
	}
	rows, found := tx.Sections(rowsName)
	if !found {
		return fmt.Errorf("an index without rows")
	}
	c := index.Cursor()
	for ok := c.First(); ok; ok = c.Next() {
		text, err := rows.Get(section.RowID(binary.BigEndian.Uint64(c.Value())))
		if err != nil {
			return err
		}
		d.add(c.Key(), text)
	}
	return c.Err()
}
