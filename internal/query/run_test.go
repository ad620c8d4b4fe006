package query_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/docstore"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/query"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// database is a store in memory and the naive answer to everything: the list of its documents in the order of their last writes.
type database struct {
	env   *storage.Env
	store *docstore.Store
	docs  []stored
}

// stored is one document as the naive evaluator sees it.
type stored struct {
	id, collection string
	refs           []string // what stands in the member refs, an array of ids
}

func newDatabase(t rapid.TB) *database {
	clock := func() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC) }
	env, err := storage.Open(storage.Options{FS: memfs.New(), Dir: "db", Now: clock, Rand: rand.New(rand.NewPCG(1, 2)), ManualFlush: true})
	if err != nil {
		t.Fatal(err)
	}
	store := docstore.New(docstore.Options{NodeTag: "A", DatabaseID: "2ZYfAzcv8Ee+U/12oFmTJQ", Now: clock, Rand: rand.New(rand.NewPCG(3, 4))})
	return &database{env: env, store: store}
}

func (d *database) close(t rapid.TB) {
	if err := d.env.Close(); err != nil {
		t.Fatal(err)
	}
}

// put writes the document, or writes it again.
func (d *database) put(t rapid.TB, doc stored) {
	var text strings.Builder
	text.WriteString(`{"refs":[`)
	for i, ref := range doc.refs {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"to":%q,"n":%d}`, ref, i)
	}
	text.WriteString(`],"one":` + quoteFirst(doc.refs))
	if doc.collection != docstore.EmptyCollection {
		fmt.Fprintf(&text, `,"@metadata":{"@collection":%q}`, doc.collection)
	}
	text.WriteString("}")
	data, err := jsondoc.Parse([]byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	d.update(t, func(tx *storage.WriteTx) error {
		_, err := d.store.Put(tx, docstore.Put{ID: doc.id, Data: data})
		return err
	})
	if i := d.find(doc.id); i >= 0 {
		doc.id = d.docs[i].id // the casing of the first write stays
		d.docs = slices.Delete(d.docs, i, i+1)
	}
	d.docs = append(d.docs, doc)
}

func quoteFirst(refs []string) string {
	if len(refs) == 0 {
		return "null"
	}
	return fmt.Sprintf("%q", refs[0])
}

func (d *database) delete(t rapid.TB, id string) {
	d.update(t, func(tx *storage.WriteTx) error {
		_, _, err := d.store.Delete(tx, id, docstore.Any())
		return err
	})
	if i := d.find(id); i >= 0 {
		d.docs = slices.Delete(d.docs, i, i+1)
	}
}

func (d *database) update(t rapid.TB, fn func(*storage.WriteTx) error) {
	if err := d.env.Update(fn); err != nil {
		t.Fatal(err)
	}
}

func (d *database) find(id string) int {
	return slices.IndexFunc(d.docs, func(s stored) bool { return strings.EqualFold(s.id, id) })
}

// answer is what came of a query.
type answer struct {
	IDs      []string
	Included []string
	Total    int64
	Index    string
}

// run parses, plans and runs; it also returns the etag, and checks that the answer is the same twice.
func (d *database) run(t rapid.TB, text, params string, page query.Page) (answer, int64) {
	t.Helper()
	p, err := plan(t, text, params)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var first, second answer
	var etag int64
	for _, a := range []*answer{&first, &second} {
		err := d.env.View(func(tx *storage.ReadTx) error {
			r, err := p.Run(tx, d.store, page)
			if err != nil {
				return err
			}
			if etag != 0 && r.Etag != etag {
				t.Errorf("%s: etag %d, then %d", text, etag, r.Etag)
			}
			etag = r.Etag
			*a, err = read(r)
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if diff := gocmp.Diff(first, second); diff != "" {
		t.Errorf("%s: another answer the second time:\n%s", text, diff)
	}
	return first, etag
}

func read(r *query.Result) (answer, error) {
	a := answer{Total: r.Total, Index: r.IndexName}
	for doc, err := range r.Rows() {
		if err != nil {
			return a, err
		}
		a.IDs = append(a.IDs, doc.ID)
	}
	included, err := r.Includes()
	for _, doc := range included {
		a.Included = append(a.Included, doc.ID)
	}
	return a, err
}

var wholePage = query.Page{Size: math.MaxInt}

// ---- the naive evaluator

// question is a query in pieces, which the naive evaluator answers from the list.
type question struct {
	source        string // empty: @all_docs
	ids           []string
	prefix        string
	kind          string // "", "ids", "prefix", "true"
	order         string // "", "up", "down"
	offset, limit int    // -1: not in the query
	include       string // "", or a path
	page          query.Page
}

func (q question) text() string {
	var b strings.Builder
	b.WriteString("from @all_docs")
	if q.source != "" {
		b.Reset()
		fmt.Fprintf(&b, "from '%s' as d", q.source)
	}
	switch q.kind {
	case "ids":
		b.WriteString(" where id() in ($ids)")
	case "prefix":
		b.WriteString(" where startsWith(id(), $prefix)")
	case "true":
		b.WriteString(" where true")
	}
	b.WriteString(map[string]string{"": "", "up": " order by id()", "down": " order by id() desc"}[q.order])
	if q.include != "" {
		b.WriteString(" include " + q.include)
	}
	switch {
	case q.offset >= 0 && q.limit >= 0:
		fmt.Fprintf(&b, " limit %d, %d", q.offset, q.limit)
	case q.limit >= 0:
		fmt.Fprintf(&b, " limit %d", q.limit)
	case q.offset >= 0:
		fmt.Fprintf(&b, " offset %d", q.offset)
	}
	return b.String()
}

func (q question) params() string {
	b := []byte(`{"ids":[`)
	for i, id := range q.ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsondoc.AppendString(b, id)
	}
	b = append(b, `],"prefix":`...)
	b = jsondoc.AppendString(b, q.prefix)
	return string(append(b, '}'))
}

// naive answers q by looking at every document.
func (d *database) naive(q question) answer {
	matches := q.filter(d.docs)
	a := answer{Total: int64(len(matches)), Index: "AllDocs"}
	if q.source != "" {
		a.Index = "collection/" + q.source
	}
	start, size := q.page.Start, q.page.Size
	if q.offset >= 0 || q.limit >= 0 {
		start = max(q.offset, 0)
	}
	if q.limit >= 0 {
		size = min(size, q.limit)
	}
	matches = matches[min(start, len(matches)):]
	matches = matches[:min(size, len(matches))]
	for _, doc := range matches {
		a.IDs = append(a.IDs, doc.id)
		refs := doc.refs
		switch q.include {
		case "":
			refs = nil
		case "one", "d.one":
			refs = refs[:min(1, len(refs))]
		}
		for _, ref := range refs {
			if i := d.find(ref); i >= 0 && !slices.Contains(a.Included, d.docs[i].id) {
				a.Included = append(a.Included, d.docs[i].id)
			}
		}
	}
	return a
}

func (q question) filter(docs []stored) []stored {
	var out []stored
	for _, doc := range docs {
		if q.source != "" && !strings.EqualFold(doc.collection, q.source) {
			continue
		}
		switch q.kind {
		case "ids":
			if !slices.ContainsFunc(q.ids, func(id string) bool { return strings.EqualFold(id, doc.id) }) {
				continue
			}
		case "prefix":
			if !strings.HasPrefix(strings.ToLower(doc.id), strings.ToLower(q.prefix)) {
				continue
			}
		}
		out = append(out, doc)
	}
	byID := func(a, b stored) int { return cmp.Compare(strings.ToLower(a.id), strings.ToLower(b.id)) }
	switch {
	case q.order == "down":
		slices.SortFunc(out, func(a, b stored) int { return byID(b, a) })
	case q.order == "up", q.kind == "prefix":
		slices.SortFunc(out, byID)
	}
	return out
}

// ---- drawing

var (
	someIDs         = []string{"users/1-A", "users/2-A", "Users/10-A", "orders/1-A", "ORDERS/2-A", "ördérs/3", "x", "users"}
	someCollections = []string{"Users", "Orders", docstore.EmptyCollection}
)

func anyCase(t *rapid.T, s string) string {
	switch rapid.IntRange(0, 3).Draw(t, "case") {
	case 0:
		return strings.ToUpper(s)
	case 1:
		return strings.ToLower(s)
	}
	return s
}

func drawIDs(t *rapid.T, least int) []string {
	ids := rapid.SliceOfN(rapid.SampledFrom(append([]string{"missing", ""}, someIDs...)), least, 5).Draw(t, "ids")
	for i := range ids {
		ids[i] = anyCase(t, ids[i])
	}
	return ids
}

func drawQuestion(t *rapid.T) question {
	q := question{
		source:  rapid.SampledFrom([]string{"", "Users", "Orders", "@empty", "Nothing", "uSERS"}).Draw(t, "source"),
		kind:    rapid.SampledFrom([]string{"", "ids", "prefix", "true"}).Draw(t, "kind"),
		order:   rapid.SampledFrom([]string{"", "up", "down"}).Draw(t, "order"),
		prefix:  anyCase(t, rapid.SampledFrom([]string{"", "u", "users", "users/", "users/1", "ör", "z"}).Draw(t, "prefix")),
		ids:     drawIDs(t, 0),
		include: rapid.SampledFrom([]string{"", "one", "refs[].to", "'refs[].to'", "refs.to"}).Draw(t, "include"),
		offset:  rapid.IntRange(-1, 4).Draw(t, "offset"),
		limit:   rapid.IntRange(-1, 4).Draw(t, "limit"),
		page: query.Page{
			Start: rapid.IntRange(0, 3).Draw(t, "start"),
			Size:  rapid.SampledFrom([]int{0, 1, 3, math.MaxInt}).Draw(t, "size"),
		},
	}
	if q.source != "" && q.include == "one" && rapid.Bool().Draw(t, "aliased") {
		q.include = "d.one"
	}
	return q
}

// Whatever was written, a query answers what a look at every document would.
func TestRun_MatchesNaive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDatabase(rt)
		defer d.close(rt)
		for range rapid.IntRange(0, 20).Draw(rt, "writes") {
			d.step(rt)
		}
		for range rapid.IntRange(1, 8).Draw(rt, "questions") {
			q := drawQuestion(rt)
			got, _ := d.run(rt, q.text(), q.params(), q.page)
			if diff := gocmp.Diff(d.naive(q), got); diff != "" {
				rt.Fatalf("%s with %s, page %+v\n-naive +got:\n%s", q.text(), q.params(), q.page, diff)
			}
		}
	})
}

// step writes or deletes one document.
func (d *database) step(t *rapid.T) {
	id := rapid.SampledFrom(someIDs).Draw(t, "id")
	if rapid.IntRange(0, 3).Draw(t, "step") == 0 {
		d.delete(t, anyCase(t, id))
		return
	}
	collection := rapid.SampledFrom(someCollections).Draw(t, "collection")
	if i := d.find(id); i >= 0 {
		collection = d.docs[i].collection // a document stays in its collection
	}
	d.put(t, stored{id: anyCase(t, id), collection: collection, refs: drawIDs(t, 0)})
}

// The etag stays when nothing was written, and changes with everything that changes the answer.
func TestRun_EtagFollowsTheAnswer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDatabase(rt)
		defer d.close(rt)
		questions := []question{drawQuestion(rt), drawQuestion(rt), drawQuestion(rt)}
		answers := make([]map[int64]string, len(questions)) // by etag
		for range rapid.IntRange(1, 15).Draw(rt, "writes") {
			d.step(rt)
			for i, q := range questions {
				got, etag := d.run(rt, q.text(), q.params(), q.page)
				state := fmt.Sprint(got, d.versions(rt, append(got.IDs, got.Included...)))
				if answers[i] == nil {
					answers[i] = map[int64]string{}
				}
				if before, ok := answers[i][etag]; ok && before != state {
					rt.Fatalf("%s: etag %d for two answers:\n%s\n%s", q.text(), etag, before, state)
				}
				answers[i][etag] = state
			}
		}
	})
}

// What is asked is part of the etag: query, parameters and page.
func TestRun_EtagTellsQuestionsApart(t *testing.T) {
	d := newDatabase(t)
	defer d.close(t)
	d.put(t, stored{id: "a", collection: "Users"})
	seen := map[int64]string{}
	f := func(text, params string, page query.Page) {
		t.Helper()
		_, etag := d.run(t, text, params, page)
		what := fmt.Sprint(text, params, page)
		if other, ok := seen[etag]; ok {
			t.Errorf("etag %d for both\n%s\n%s", etag, other, what)
		}
		seen[etag] = what
	}
	f("from Users", "", wholePage)
	f("from Users", "{}", wholePage)
	f("from Users", "", query.Page{Start: 1, Size: math.MaxInt})
	f("from Users", "", query.Page{Size: 1})
	f("from @all_docs", "", wholePage)
	f("from Users where id() = $p", `{"p":"a"}`, wholePage)
	f("from Users where id() = $p", `{"p":"b"}`, wholePage)
}

// versions returns the change vectors of the documents.
func (d *database) versions(t rapid.TB, ids []string) []string {
	t.Helper()
	var all []string
	err := d.env.View(func(tx *storage.ReadTx) error {
		for _, id := range ids {
			doc, _, err := d.store.Get(tx, id)
			if err != nil {
				return err
			}
			all = append(all, doc.ChangeVector)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
