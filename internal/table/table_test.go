package table_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
	"github.com/rookerydb/rookery/internal/table/row"
)

// person is a row of the table under test.
type person struct {
	key    string
	number uint64 // unique
	town   string // two letters; repeats
	name   string // unique within the town
	body   string
}

const (
	byKey    = ""
	byNumber = "number"
	byTown   = "town"
	byName   = "name"
)

func newPeople() *table.Table {
	return table.New(table.Schema{
		Name: "people", Kind: 77, Fields: 5,
		Primary: table.Index{Name: "key", Fields: []int{0}},
		Indexes: []table.Index{
			{Name: byNumber, Fields: []int{1}, Uint64: true},
			{Name: byTown, Fields: []int{2}},
			{Name: byName, Fields: []int{2, 3}, Unique: true},
		},
	})
}

func (p person) fields() [][]byte {
	return [][]byte{[]byte(p.key), number(p.number), []byte(p.town), []byte(p.name), []byte(p.body)}
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func personOf(r table.Row) person {
	return person{
		key: string(r.Field(0)), number: binary.BigEndian.Uint64(r.Field(1)), town: string(r.Field(2)),
		name: string(r.Field(3)), body: string(r.Field(4)),
	}
}

// indexKey is the key that p has in an index, without the row id behind it.
func (p person) indexKey(index string) string {
	return map[string]string{byKey: p.key, byNumber: string(number(p.number)), byTown: p.town, byName: p.town + p.name}[index]
}

// people is the table in an environment, and beside it what it should hold.
type people struct {
	*env
	table *table.Table
	model map[string]person
}

// wanted returns the model's people whose keys are in the range, in the order of the index; ties by primary key.
func (s *people) wanted(index string, in func(key string) bool) []person {
	var list []person
	for _, p := range s.model {
		if in(p.indexKey(index)) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b person) int {
		return cmp.Or(cmp.Compare(a.indexKey(index), b.indexKey(index)), cmp.Compare(a.key, b.key))
	})
	return list
}

func collect(rows iter.Seq2[table.Row, error]) (list []person, err error) {
	for row, err := range rows {
		if err != nil {
			return list, err
		}
		list = append(list, personOf(row))
	}
	return list, nil
}

// wantRows compares what an index yields with what is in the model. Rows of equal keys come in the order of their ids, of
// which the model knows nothing: they are sorted first.
func (s *people) wantRows(t rapid.TB, index string, rows iter.Seq2[table.Row, error], falling bool, in func(key string) bool) {
	t.Helper()
	got, err := collect(rows)
	if err != nil {
		t.Fatal(err)
	}
	if falling {
		slices.Reverse(got)
	}
	if !slices.IsSortedFunc(got, func(a, b person) int { return cmp.Compare(a.indexKey(index), b.indexKey(index)) }) {
		t.Fatalf("index %q is out of order: %v", index, got)
	}
	slices.SortStableFunc(got, func(a, b person) int {
		return cmp.Or(cmp.Compare(a.indexKey(index), b.indexKey(index)), cmp.Compare(a.key, b.key))
	})
	if diff := gocmp.Diff(got, s.wanted(index, in), gocmp.AllowUnexported(person{})); diff != "" {
		t.Fatalf("index %q (-got +want):\n%s", index, diff)
	}
}

// conflict returns the unique index that refuses p.
func (s *people) conflict(p person) (index string, refused bool) {
	for _, index := range []string{byNumber, byName} {
		for _, other := range s.model {
			if other.key != p.key && other.indexKey(index) == p.indexKey(index) {
				return index, true
			}
		}
	}
	return "", false
}

func (s *people) put(t rapid.TB, tx *storage.WriteTx, p person) {
	err := s.table.Put(tx, p.fields())
	if index, refused := s.conflict(p); refused {
		var duplicate *table.DuplicateKeyError
		if !errors.As(err, &duplicate) || duplicate.Index != index || fault.Of(err) != fault.Conflict {
			t.Fatalf("put %v: got error %v, want a duplicate key in %q", p, err, index)
		}
		return
	}
	if err != nil {
		t.Fatalf("put %v: %v", p, err)
	}
	s.model[p.key] = p
}

func (s *people) delete(t rapid.TB, tx *storage.WriteTx, key string) {
	got, err := s.table.Delete(tx, []byte(key))
	if _, want := s.model[key]; err != nil || got != want {
		t.Fatalf("delete %q: got %v, %v, want %v", key, got, err, want)
	}
	delete(s.model, key)
}

// wantSame compares all that can be asked of the table.
func (s *people) wantSame(t rapid.TB, tx storage.Tx) {
	if got, want := s.table.Count(tx), uint64(len(s.model)); got != want {
		t.Fatalf("count: got %d, want %d", got, want)
	}
	for _, index := range []string{byKey, byNumber, byTown, byName} {
		s.wantRows(t, index, s.table.Ascend(tx, index, nil), false, func(string) bool { return true })
	}
	for err := range s.table.Check(tx) {
		t.Fatalf("check: %v", err)
	}
}

// wantRanges compares scans that begin at a drawn place.
func (s *people) wantRanges(t *rapid.T, tx storage.Tx) {
	from := drawPerson(t)
	for _, index := range []string{byKey, byNumber, byTown, byName} {
		key := from.indexKey(index)
		s.wantRows(t, index, s.table.Ascend(tx, index, []byte(key)), false, func(k string) bool { return k >= key })
		s.wantRows(t, index, s.table.Descend(tx, index, []byte(key)), true, func(k string) bool { return k <= key })
		s.wantRows(t, index, s.table.Descend(tx, index, nil), true, func(string) bool { return true })
		if index != byNumber {
			s.wantRows(t, index, s.table.AscendPrefix(tx, index, []byte(key[:1])), false, func(k string) bool { return strings.HasPrefix(k, key[:1]) })
		}
	}
}

// wantFound compares lookups by every unique index.
func (s *people) wantFound(t *rapid.T, tx storage.Tx) {
	p := drawPerson(t)
	for _, index := range []string{byKey, byNumber, byName} {
		row, ok, err := s.table.GetBy(tx, index, []byte(p.indexKey(index)))
		if err != nil {
			t.Fatal(err)
		}
		want := s.wanted(index, func(k string) bool { return k == p.indexKey(index) })
		if ok != (len(want) == 1) || ok && personOf(row) != want[0] {
			t.Fatalf("get by %q %q: got %v, want %v", index, p.indexKey(index), ok, want)
		}
	}
}

// drawPerson draws from so few keys that they meet. A page has room for few of the longer bodies, so that rows move, and
// none for the longest.
func drawPerson(t *rapid.T) person {
	letter := rapid.SampledFrom([]string{"a", "b", "ba", "c", "\x00", "zz"})
	return person{
		key:    letter.Draw(t, "key") + letter.Draw(t, "key 2"),
		number: rapid.SampledFrom([]uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1 << 40, 1<<64 - 1}).Draw(t, "number"),
		town:   rapid.SampledFrom([]string{"aa", "ab", "b\x00", "\xff\xff"}).Draw(t, "town"),
		name:   letter.Draw(t, "name"),
		body:   strings.Repeat("x", rapid.SampledFrom([]int{0, 1, 30, 700, 2500, 3500, 9000}).Draw(t, "bytes")),
	}
}

func TestTable_MatchesMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &people{env: openEnv(t), table: newPeople(), model: map[string]person{}}
		defer s.close(t)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				s.update(t, func(tx *storage.WriteTx) error { s.put(t, tx, drawPerson(t)); return nil })
			},
			"delete": func(t *rapid.T) {
				s.update(t, func(tx *storage.WriteTx) error { s.delete(t, tx, drawPerson(t).key); return nil })
			},
			"several": func(t *rapid.T) { s.update(t, func(tx *storage.WriteTx) error { s.several(t, tx); return nil }) },
			"dropped": func(t *rapid.T) {
				before := cloneMap(s.model)
				s.drop(t, func(tx *storage.WriteTx) { s.several(t, tx) })
				s.model = before
			},
			"look": func(t *rapid.T) {
				s.view(t, func(tx storage.Tx) { s.wantFound(t, tx); s.wantRanges(t, tx) })
			},
			"reopen": func(t *rapid.T) { s.reopen(t); s.table = newPeople() },
			"":       func(t *rapid.T) { s.view(t, func(tx storage.Tx) { s.wantSame(t, tx) }) },
		})
	})
}

// several changes the table more than once in one transaction, and looks at it in between.
func (s *people) several(t *rapid.T, tx *storage.WriteTx) {
	for range rapid.IntRange(2, 5).Draw(t, "changes") {
		if rapid.Bool().Draw(t, "put") {
			s.put(t, tx, drawPerson(t))
		} else {
			s.delete(t, tx, drawPerson(t).key)
		}
		s.wantSame(t, tx)
	}
}

func cloneMap(m map[string]person) map[string]person {
	c := make(map[string]person, len(m))
	maps.Copy(c, m)
	return c
}

// A page has room for two rows of this length, so that most of them have to move when they grow, and all their index entries
// with them, changed keys or not.
func TestPut_MovesRowsThatGrow(t *testing.T) {
	s := &people{env: openEnv(t), table: newPeople(), model: map[string]person{}}
	defer s.close(t)
	for _, length := range []int{10, 3500, 20, 3900} {
		for i := range 8 {
			p := person{key: fmt.Sprint(i), number: uint64(i), town: "aa", name: fmt.Sprint(i), body: strings.Repeat("x", length)}
			if length > 3500 {
				p.number, p.town = uint64(i+100), "bb"
			}
			s.update(t, func(tx *storage.WriteTx) error { s.put(t, tx, p); s.wantSame(t, tx); return nil })
		}
	}
	s.reopen(t)
	s.view(t, func(tx storage.Tx) { s.wantSame(t, tx) })
}

func TestPut_RefusesBeforeItWrites(t *testing.T) {
	s := &people{env: openEnv(t), table: newPeople(), model: map[string]person{}}
	defer s.close(t)
	ann := person{key: "ann", number: 1, town: "aa", name: "Ann"}
	s.update(t, func(tx *storage.WriteTx) error { s.put(t, tx, ann); return nil })
	f := func(p person, kind fault.Kind) {
		t.Helper()
		s.update(t, func(tx *storage.WriteTx) error {
			if err := s.table.Put(tx, p.fields()); err == nil || fault.Of(err) != kind {
				t.Errorf("got error %v, want one of kind %v", err, kind)
			}
			s.wantSame(t, tx)
			return nil
		})
	}
	long := func(n int) string { return strings.Repeat("k", n) }
	f(person{key: long(table.KeyBytesMax + 1), number: 2, town: "aa", name: "Bob"}, fault.TooLarge)
	f(person{key: "bob", number: 2, town: long(table.KeyBytesMax - 7), name: "B"}, fault.TooLarge)
	f(person{key: "bob", number: 2, town: "aa", name: long(table.KeyBytesMax - 1)}, fault.TooLarge)
	f(person{key: "bob", number: 1, town: "aa", name: "Bob"}, fault.Conflict)
	f(person{key: "bob", number: 2, town: "aa", name: "Ann"}, fault.Conflict)
	// at the bounds
	s.update(t, func(tx *storage.WriteTx) error {
		s.put(t, tx, person{key: long(table.KeyBytesMax), number: 3, town: long(table.KeyBytesMax - 8), name: "C"})
		s.put(t, tx, person{key: "d", number: 4, town: "aa", name: long(table.KeyBytesMax - 2)})
		s.wantSame(t, tx)
		return nil
	})
}

func TestNew_PanicsOnBadSchemas(t *testing.T) {
	f := func(what string, s table.Schema) {
		t.Helper()
		defer func() {
			if v := recover(); v == nil || !strings.HasPrefix(fmt.Sprint(v), "BUG: ") {
				t.Errorf("%s: got panic %v, want BUG", what, v)
			}
		}()
		table.New(s)
	}
	id := table.Index{Name: "id", Fields: []int{0}}
	f("no name", table.Schema{Fields: 1, Primary: id})
	f("no fields", table.Schema{Name: "t", Primary: id})
	f("too many fields", table.Schema{Name: "t", Fields: table.FieldsMax + 1, Primary: id})
	f("index without name", table.Schema{Name: "t", Fields: 1, Primary: table.Index{Fields: []int{0}}})
	f("index without fields", table.Schema{Name: "t", Fields: 1, Primary: table.Index{Name: "id"}})
	f("field that is not there", table.Schema{Name: "t", Fields: 1, Primary: table.Index{Name: "id", Fields: []int{1}}})
	f("one name twice", table.Schema{Name: "t", Fields: 1, Primary: id, Indexes: []table.Index{id}})
	f("number of two fields", table.Schema{Name: "t", Fields: 2, Primary: id, Indexes: []table.Index{{Name: "n", Fields: []int{0, 1}, Uint64: true}}})
	f("primary in a fixed tree", table.Schema{Name: "t", Fields: 1, Primary: table.Index{Name: "id", Fields: []int{0}, Uint64: true}})
}

// Check finds what is planted by another table over the same names, which writes what this one cannot have written.
func TestCheck_FindsPlantedDamage(t *testing.T) {
	s := &people{env: openEnv(t), table: newPeople(), model: map[string]person{}}
	defer s.close(t)
	f := func(what string, plant func(tx *storage.WriteTx) error) {
		t.Helper()
		s.drop(t, func(tx *storage.WriteTx) {
			for i := range 3 {
				p := person{key: fmt.Sprint("k", i), number: uint64(i), town: "aa", name: fmt.Sprint("n", i), body: "b"}
				if err := s.table.Put(tx, p.fields()); err != nil {
					t.Fatal(err)
				}
			}
			if err := plant(tx); err != nil {
				t.Fatal(err)
			}
			n := 0
			for err := range s.table.Check(tx) {
				if fault.Of(err) != fault.Corrupt {
					t.Errorf("%s: got %v, want it to be of kind corrupt", what, err)
				}
				n++
			}
			if n == 0 {
				t.Errorf("%s was not found", what)
			}
		})
	}
	tree := func(tx *storage.WriteTx, name string, change func(key, value []byte) ([]byte, []byte)) error {
		tree, err := tx.WriteTree(name)
		if err != nil {
			return err
		}
		c := tree.View().Cursor()
		c.First()
		oldKey, oldValue := bytes.Clone(c.Key()), bytes.Clone(c.Value())
		key, value := change(bytes.Clone(oldKey), bytes.Clone(oldValue))
		if _, err := tree.Delete(oldKey); err != nil || key == nil {
			return err
		}
		return tree.Put(key, value)
	}
	gone := func(_, _ []byte) ([]byte, []byte) { return nil, nil }
	moved := func(k, v []byte) ([]byte, []byte) { return append([]byte("x"), k...), v }
	f("a missing entry of a unique index", func(tx *storage.WriteTx) error { return tree(tx, "people.name", gone) })
	f("a missing entry of a repeating index", func(tx *storage.WriteTx) error { return tree(tx, "people.town", gone) })
	f("a missing primary entry", func(tx *storage.WriteTx) error { return tree(tx, "people.key", gone) })
	f("an entry under another key", func(tx *storage.WriteTx) error { return tree(tx, "people.name", moved) })
	f("a primary entry under another key", func(tx *storage.WriteTx) error { return tree(tx, "people.key", moved) })
	f("an entry that leads to no row id", func(tx *storage.WriteTx) error {
		return tree(tx, "people.key", func(k, _ []byte) ([]byte, []byte) { return k, []byte("short") })
	})
	f("an entry of a number too many", func(tx *storage.WriteTx) error {
		numbers, err := tx.WriteFixedTree("people.number", 8)
		if err != nil {
			return err
		}
		value, _, err := numbers.Get(1)
		if err != nil {
			return err
		}
		return numbers.Put(9, bytes.Clone(value))
	})
	f("rows that nothing leads to", func(tx *storage.WriteTx) error {
		rows, err := tx.WriteSections("people")
		if err != nil {
			return err
		}
		_, err = rows.Insert(row.Append(nil, 77, person{key: "stray", town: "aa"}.fields()...))
		return err
	})
	f("a row that is not what its checksum says", func(tx *storage.WriteTx) error {
		rows, err := tx.WriteSections("people")
		if err != nil {
			return err
		}
		for r, err := range rows.Rows() {
			if err != nil {
				return err
			}
			changed := bytes.Clone(r.Data)
			changed[len(changed)-1] ^= 1 // of a field that no index has
			_, err = rows.Replace(r.ID, changed)
			return err
		}
		return nil
	})
	f("a missing set of rows", func(tx *storage.WriteTx) error { return tx.Drop("people") })
	f("a row of another table", func(tx *storage.WriteTx) error {
		other := table.New(table.Schema{
			Name: "people", Kind: 78, Fields: 5, Primary: table.Index{Name: "key", Fields: []int{0}},
		})
		return other.Put(tx, person{key: "kk", town: "aa", name: "n"}.fields())
	})
}
