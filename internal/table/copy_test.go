package table_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
	"github.com/rookerydb/rookery/internal/table/row"
)

// copyInto fills another environment with the table of e.
func copyInto(e *env, to *storage.Env, parts ...storage.Part) error {
	for _, err := range storage.Copy(e.Env, to, parts) {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestPart_CopiesRowsAndIndexes copies a table with every kind of index, in many transactions, and compares all rows in
// each order.
func TestPart_CopiesRowsAndIndexes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		c := &churn{env: openEnv(t), table: newPeople(), random: rand.New(rand.NewPCG(seed, 1)), sizes: []int{0, 10, 300, 3000, 5000, 20_000}}
		defer c.close(t)
		c.add(t, rapid.IntRange(0, 300).Draw(t, "rows"))
		c.removeHalf(t)
		to := openSmall(t)
		defer to.close(t)
		if err := copyInto(c.env, to.Env, newPeople().Part()); err != nil {
			t.Fatal(err)
		}
		copied := &churn{env: to, table: newPeople()}
		copied.check(t)
		for _, index := range []string{byKey, byNumber, byTown, byName} {
			wantSameRows(t, c, copied, index)
		}
	})
}

// wantSameRows compares all rows byte for byte; in an index whose keys repeat, those of one key have no order of their own.
func wantSameRows(t *rapid.T, a, b *churn, index string) {
	t.Helper()
	read := func(c *churn) (rows [][]byte) {
		c.view(t, func(tx storage.Tx) {
			for row, err := range c.table.Ascend(tx, index, nil) {
				if err != nil {
					t.Fatal(err)
				}
				rows = append(rows, bytes.Clone(row.Bytes()))
			}
		})
		return rows
	}
	x, y := read(a), read(b)
	if len(x) != len(y) || len(x) != len(a.live) {
		t.Fatalf("index %q: %d rows were copied to %d, of %d", index, len(x), len(y), len(a.live))
	}
	if index == byTown {
		return
	}
	for i := range x {
		if !bytes.Equal(x[i], y[i]) {
			t.Fatalf("index %q: row %d differs", index, i)
		}
	}
}

// openSmall opens an environment whose copies have small transactions.
func openSmall(t rapid.TB) *env {
	t.Helper()
	e := openEnv(t)
	e.close(t)
	opts := e.options()
	opts.MaxUnflushedBytes = 24 << 20
	var err error
	if e.Env, err = storage.Open(opts); err != nil {
		t.Fatal(err)
	}
	return e
}

// A table without the orders of a number is led by its primary key.
func TestPart_LedByThePrimaryKey(t *testing.T) {
	e := openEnv(t)
	defer e.close(t)
	plain := func() *table.Table {
		return table.New(table.Schema{
			Name: "plain", Kind: 5, Fields: 2, Primary: table.Index{Name: "key", Fields: []int{0}},
			Indexes: []table.Index{{Name: "town", Fields: []int{1}}},
		})
	}
	e.update(t, func(tx *storage.WriteTx) error {
		return errors.Join(plain().Put(tx, fields("b", "x")), plain().Put(tx, fields("a", "y")), plain().Put(tx, fields("c", "x")))
	})
	to := openSmall(t)
	defer to.close(t)
	if err := copyInto(e, to.Env, plain().Part()); err != nil {
		t.Fatal(err)
	}
	to.view(t, func(tx storage.Tx) {
		for problem := range plain().Check(tx) {
			t.Error(problem)
		}
		if n := plain().Count(tx); n != 3 {
			t.Errorf("%d rows", n)
		}
	})
}

func fields(list ...string) (out [][]byte) {
	for _, f := range list {
		out = append(out, []byte(f))
	}
	return out
}

// What does not agree with itself is not copied, and nothing of it is left out silently.
func TestPart_RefusesDamage(t *testing.T) {
	f := func(name string, damage func(tx *storage.WriteTx) error) {
		t.Helper()
		c := &churn{env: openEnv(t), table: newPeople(), random: rand.New(rand.NewPCG(1, 1)), sizes: []int{10}}
		defer c.close(t)
		c.add(t, 20)
		c.update(t, damage)
		to := openSmall(t)
		defer to.close(t)
		if err := copyInto(c.env, to.Env, newPeople().Part()); err == nil {
			t.Errorf("%s: copied", name)
		}
	}
	f("an index lacks a row", func(tx *storage.WriteTx) error {
		tree, err := tx.WriteTree("people.name")
		if err != nil {
			return err
		}
		c := tree.View().Cursor()
		c.First()
		_, err = tree.Delete(bytes.Clone(c.Key()))
		return err
	})
	f("the leading index lacks a row", func(tx *storage.WriteTx) error {
		tree, err := tx.WriteFixedTree("people.number", 8)
		if err != nil {
			return err
		}
		_, err = tree.Delete(7)
		return err
	})
	f("a row that no index has", func(tx *storage.WriteTx) error {
		rows, err := tx.WriteSections("people")
		if err != nil {
			return err
		}
		_, err = rows.Insert(row.Append(nil, 77, newPerson().fields()...))
		return err
	})
	f("bytes that are no row", func(tx *storage.WriteTx) error {
		rows, err := tx.WriteSections("people")
		if err != nil {
			return err
		}
		for row, err := range rows.Rows() {
			if err != nil {
				return err
			}
			_, err = rows.Replace(row.ID, []byte("nonsense"))
			return err
		}
		return nil
	})
	f("a row with another checksum", func(tx *storage.WriteTx) error {
		rows, err := tx.WriteSections("people")
		if err != nil {
			return err
		}
		for row, err := range rows.Rows() {
			if err != nil {
				return err
			}
			changed := bytes.Clone(row.Data)
			changed[len(changed)-1] ^= 1
			_, err = rows.Replace(row.ID, changed)
			return err
		}
		return nil
	})
}

func newPerson() person { return person{key: "k", number: 1000, town: "zz", name: "n", body: "b"} }
