package database_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/rookerydb/rookery/internal/database"
	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

const databaseID = "0123456789012345678901"

// entry is a document or a tombstone as the model has it. text is empty in a tombstone.
type entry struct {
	id, vector, collection, text string
	etag                         int64
}

// model is what a database should hold, in the simplest form. States that were handed out are never changed.
type model struct {
	documents, tombstones map[string]entry // by lower-case id
	etag                  int64
	hiLo                  int64 // the highest number given out
}

func newModel() *model { return &model{documents: map[string]entry{}, tombstones: map[string]entry{}} }

func (m *model) clone() *model {
	return &model{documents: maps.Clone(m.documents), tombstones: maps.Clone(m.tombstones), etag: m.etag, hiLo: m.hiLo}
}

func (m *model) equal(o *model) bool {
	return m.etag == o.etag && maps.Equal(m.documents, o.documents) && maps.Equal(m.tombstones, o.tombstones)
}

// vector is the change vector of the write with this etag: documents of the model were never anywhere else.
func vector(etag int64) string { return fmt.Sprintf("A:%d-%s", etag, databaseID) }

// put returns the state after a put.
func (m *model) put(id, collection, text string) {
	key := strings.ToLower(id)
	m.etag++
	id = cmp.Or(m.documents[key].id, id)
	m.documents[key] = entry{id: id, vector: vector(m.etag), collection: collection, text: text, etag: m.etag}
	delete(m.tombstones, key)
}

func (m *model) delete(id string) {
	key := strings.ToLower(id)
	old, ok := m.documents[key]
	if !ok {
		return
	}
	m.etag++
	delete(m.documents, key)
	m.tombstones[key] = entry{id: old.id, vector: vector(m.etag), collection: old.collection, etag: m.etag}
}

func (m *model) deletePrefix(prefix string) (n int) {
	for _, key := range slices.Sorted(maps.Keys(m.documents)) {
		if strings.HasPrefix(key, strings.ToLower(prefix)) {
			m.delete(key)
			n++
		}
	}
	return n
}

// counts returns how many documents and tombstones each collection has.
func (m *model) counts() map[string][2]int64 {
	out := map[string][2]int64{}
	for _, d := range m.documents {
		c := out[d.collection]
		out[d.collection] = [2]int64{c[0] + 1, c[1]}
	}
	for _, d := range m.tombstones {
		c := out[d.collection]
		out[d.collection] = [2]int64{c[0], c[1] + 1}
	}
	return out
}

// step is one command, the state it leads to, and how to see that its outcome is the right one.
type step struct {
	cmd     database.Command
	refused bool // it must fail, with a conflict
	after   *model
	outcome func() error
}

// next draws a command that is asked of the state m.
func (m *model) next(random *rand.Rand) step {
	after := m.clone()
	switch n := random.IntN(100); {
	case n < 45:
		return m.nextPut(after, random)
	case n < 62:
		return m.nextDelete(after, random)
	case n < 66:
		return m.nextDeletePrefix(after, random)
	case n < 84:
		return m.nextBatch(after, random)
	case n < 92:
		return m.nextHiLo(after)
	}
	return m.nextRefused(after, random)
}

// drawID gives ids so few that they meet, in two casings; the collection follows from the id.
func drawID(random *rand.Rand) (id, collection string) {
	n := random.IntN(90)
	collection = [...]string{"Users", "Orders", docstore.EmptyCollection}[n%3]
	name := [...]string{"users/", "Orders/", "x/"}[n%3]
	if random.IntN(4) == 0 {
		name = strings.ToUpper(name)
	}
	return fmt.Sprint(name, n/9%5, "/", n), collection
}

func drawText(collection string, random *rand.Rand) string {
	pad := random.IntN(200)
	switch random.IntN(12) {
	case 0:
		pad = random.IntN(30_000)
	case 1, 2:
		pad = random.IntN(3000)
	}
	b := make([]byte, pad)
	for i := range b {
		b[i] = byte('a' + random.IntN(1+pad%26))
	}
	text := fmt.Sprintf(`{"n":%d,"pad":"%s"`, random.IntN(1e6), b)
	if collection != docstore.EmptyCollection {
		text += fmt.Sprintf(`,"@metadata":{"@collection":%q}`, collection)
	}
	return text + "}"
}

func putCommand(id, text string, e docstore.Expected) *database.Put {
	doc, err := jsondoc.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return &database.Put{In: docstore.Put{ID: id, Expected: e, Data: doc}}
}

// drawExpected gives an expectation that holds.
func (m *model) drawExpected(id string, random *rand.Rand) docstore.Expected {
	if random.IntN(2) == 0 {
		return docstore.Any()
	}
	return docstore.At(m.documents[strings.ToLower(id)].vector) // empty: missing
}

func (m *model) nextPut(after *model, random *rand.Rand) step {
	id, collection := drawID(random)
	if random.IntN(10) == 0 { // completed by the server
		id, collection = "users/", "Users"
	}
	text := drawText(collection, random)
	expected := docstore.Any()
	stored := id
	if strings.HasSuffix(id, "/") {
		stored = fmt.Sprintf("%s%019d-A", id, m.etag+1)
	} else {
		expected = m.drawExpected(id, random)
	}
	cmd := putCommand(id, text, expected)
	after.put(stored, collection, text)
	want := after.documents[strings.ToLower(stored)]
	return step{cmd: cmd, after: after, outcome: func() error {
		if o := cmd.Out; o.ID != want.id || o.ChangeVector != want.vector || o.Etag != want.etag || o.Collection != want.collection {
			return fmt.Errorf("put answered %+v, want %+v", o, want)
		}
		return nil
	}}
}

func (m *model) nextDelete(after *model, random *rand.Rand) step {
	id, _ := drawID(random)
	cmd := &database.Delete{ID: id, Expected: m.drawExpected(id, random)}
	after.delete(id)
	_, existed := m.documents[strings.ToLower(id)]
	return step{cmd: cmd, after: after, outcome: func() error {
		if cmd.Out.Existed != existed || existed && cmd.Out.ChangeVector != vector(after.etag) {
			return fmt.Errorf("delete of %s answered %+v, want %v", id, cmd.Out, existed)
		}
		return nil
	}}
}

func (m *model) nextDeletePrefix(after *model, random *rand.Rand) step {
	prefix := fmt.Sprint([...]string{"USERS/", "orders/", "x/"}[random.IntN(3)], random.IntN(5), "/")
	n := after.deletePrefix(prefix)
	cmd := &database.DeletePrefix{Prefix: prefix}
	return step{cmd: cmd, after: after, outcome: func() error {
		if cmd.Count != n {
			return fmt.Errorf("delete by prefix %s answered %d, want %d", prefix, cmd.Count, n)
		}
		return nil
	}}
}

// nextBatch draws several commands that are one; each is drawn from the state that the ones before it leave.
func (m *model) nextBatch(after *model, random *rand.Rand) step {
	var batch database.Batch
	var outcomes []func() error
	for range 2 + random.IntN(8) {
		var s step
		if random.IntN(3) == 0 {
			s = after.nextDelete(after.clone(), random)
		} else {
			s = after.nextPut(after.clone(), random)
		}
		batch.Commands = append(batch.Commands, s.cmd)
		outcomes = append(outcomes, s.outcome)
		after = s.after
	}
	return step{cmd: &batch, after: after, outcome: func() error {
		for _, outcome := range outcomes {
			if err := outcome(); err != nil {
				return err
			}
		}
		return nil
	}}
}

func (m *model) nextHiLo(after *model) step {
	const size = 32
	cmd := &database.NextHiLo{In: docstore.HiLoRequest{Tag: "users"}}
	after.hiLo += size
	after.put("Raven/Hilo/users", docstore.HiLoCollection, fmt.Sprintf(`{"Max":%d,"@metadata":{"@collection":"@hilo"}}`, after.hiLo))
	return step{cmd: cmd, after: after, outcome: func() error {
		if cmd.Out.Low != m.hiLo+1 || cmd.Out.High != after.hiLo {
			return fmt.Errorf("the range is %+v, want one after %d", cmd.Out, m.hiLo)
		}
		return nil
	}}
}

// nextRefused draws a command with an expectation that does not hold; every other time it has done something by then.
func (m *model) nextRefused(after *model, random *rand.Rand) step {
	id, collection := drawID(random)
	wrong := putCommand(id, drawText(collection, random), docstore.At(vector(m.etag+100)))
	s := step{cmd: wrong, refused: true, after: m, outcome: func() error { return nil }}
	if random.IntN(2) == 0 {
		other := after.nextPut(after.clone(), random)
		s.cmd = &database.Batch{Commands: []database.Command{other.cmd, wrong}}
	}
	return s
}
