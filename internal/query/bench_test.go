package query_test

import (
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/storage"
)

func BenchmarkRun(b *testing.B) {
	d := newDatabase(b)
	defer d.close(b)
	for i := range 1000 {
		d.put(b, stored{id: fmt.Sprintf("users/%d-A", i), collection: "Users", refs: []string{"users/7-A"}})
	}
	for _, q := range []struct{ name, text string }{
		{"id", "from Users where id() = 'users/500-A'"},
		{"collection/rows=25", "from Users limit 25"},
		{"collection/rows=25/include=on", "from Users include one limit 25"},
		{"prefix/matches=111/rows=25", "from Users where startsWith(id(), 'users/1') limit 25"},
	} {
		b.Run(q.name, func(b *testing.B) {
			p, err := plan(b, q.text, "")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				err := d.env.View(func(tx *storage.ReadTx) error {
					r, err := p.Run(tx, d.store, wholePage)
					if err != nil {
						return err
					}
					_, err = read(r)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewPlan(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := plan(b, "from 'Users' where id() = $p0", `{"p0":"users/1-A"}`); err != nil {
			b.Fatal(err)
		}
	}
}
