package query_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/query"
	"github.com/rookerydb/rookery/internal/storage"
)

// damage overwrites every value of a tree with bytes that nobody wrote.
func (d *database) damage(t *testing.T, tree string) {
	t.Helper()
	d.update(t, func(tx *storage.WriteTx) error {
		w, err := tx.WriteTree(tree)
		if err != nil {
			return err
		}
		view, _ := tx.Tree(tree)
		var keys [][]byte
		c := view.Cursor()
		for ok := c.First(); ok; ok = c.Next() {
			keys = append(keys, bytes.Clone(c.Key()))
		}
		if len(keys) == 0 {
			t.Fatalf("nothing in %s to damage", tree)
		}
		for _, key := range keys {
			if err := w.Put(key, bytes.Repeat([]byte{0xEE}, 8)); err != nil {
				return err
			}
		}
		return nil
	})
}

// What the store cannot read is an error of kind Corrupt, from whichever step reads it, and never a shorter answer.
func TestRun_ReportsDamage(t *testing.T) {
	f := func(tree, text, wantStep string) {
		t.Helper()
		d := newDatabase(t)
		defer d.close(t)
		d.put(t, stored{id: "users/1-A", collection: "Users", refs: []string{"users/1-A"}})
		d.put(t, stored{id: "users/2-A", collection: "Users", refs: []string{"users/1-A"}})
		d.damage(t, tree)
		p, err := plan(t, text, "")
		if err != nil {
			t.Fatal(err)
		}
		step, err := d.steps(p)
		if step != wantStep || fault.Of(err) != fault.Corrupt {
			t.Errorf("%s damaged, %s: got %v of kind %v from %s, want one of kind corrupt from %s", tree, text, err, fault.Of(err), step, wantStep)
		}
	}
	f("collections", "from Users", "Run")
	f("docstore", "from @all_docs", "Run")
	f("documents.collection", "from Users", "Run")
	f("documents.collection", "from Users include one", "Rows")
	f("documents.id", "from Users where id() = 'users/1-A'", "Run")
	f("documents.id", "from Users where startsWith(id(), 'users/')", "Run")
	f("documents.id", "from Users order by id()", "Rows")
	f("documents.id", "from Users order by id() desc", "Rows")
	f("documents.id", "from Users include one", "Includes")
}

// steps runs the plan and returns the name of the step that ends in an error.
func (d *database) steps(p *query.Plan) (step string, err error) {
	err = d.env.View(func(tx *storage.ReadTx) error {
		step = "Run"
		r, err := p.Run(tx, d.store, wholePage)
		if err != nil {
			return err
		}
		step = "Rows"
		for _, err := range r.Rows() {
			if err != nil {
				return err
			}
		}
		step = "Includes"
		_, err = r.Includes()
		return err
	})
	return step, err
}

func TestRows_BoundsWhatIsSortedInMemory(t *testing.T) {
	d := newDatabase(t)
	defer d.close(t)
	for _, id := range []string{"a", "b", "c"} {
		d.put(t, stored{id: id, collection: "Users"})
	}
	p, err := plan(t, "from Users order by id() desc", "")
	if err != nil {
		t.Fatal(err)
	}
	f := func(most int, wantIDs string, wantErr error) {
		t.Helper()
		var ids []string
		err := d.env.View(func(tx *storage.ReadTx) error {
			r, err := p.Run(tx, d.store, wholePage)
			if err != nil {
				return err
			}
			for doc, err := range r.MatchesDown(most) {
				if err != nil {
					return err
				}
				ids = append(ids, doc.ID)
			}
			return nil
		})
		var e *query.TooManyError
		if got := strings.Join(ids, ""); got != wantIDs || errors.As(err, &e) != (wantErr != nil) {
			t.Errorf("at most %d: got %q and %v, want %q and %v", most, got, err, wantIDs, wantErr)
		}
		if wantErr != nil && (err.Error() != wantErr.Error() || fault.Of(err) != fault.TooLarge) {
			t.Errorf("at most %d: got %v of kind %v, want %v", most, err, fault.Of(err), wantErr)
		}
	}
	f(3, "cba", nil)
	f(2, "", &query.TooManyError{Max: 2})
}
