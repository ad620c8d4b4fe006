package rql_test

import (
	"testing"

	"github.com/rookerydb/rookery/internal/rql"
)

var benchQueries = []struct{ name, text string }{
	{"all", "from 'Orders'"},
	{"id", "from 'Orders' where id() = $p0"},
	{"page", "from 'Users' where age > $p0 order by name limit $p1, $p2"},
	{"search", "from 'Posts' where (search(title, $p0) or search(body, $p1)) and hidden = $p2 include author"},
}

func BenchmarkParse(b *testing.B) {
	for _, q := range benchQueries {
		b.Run("query="+q.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(q.text)))
			for b.Loop() {
				if _, err := rql.Parse(q.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkString(b *testing.B) {
	q, err := rql.Parse(benchQueries[2].text)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = q.String()
	}
}
