package section_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/storage/section"
)

func drawLength(t *rapid.T) int {
	switch rapid.SampledFrom([]string{"tiny", "small", "small", "medium", "cell", "long"}).Draw(t, "size") {
	case "tiny":
		return rapid.IntRange(0, 9).Draw(t, "n")
	case "small":
		return rapid.IntRange(10, 300).Draw(t, "n")
	case "medium":
		return rapid.IntRange(300, 3000).Draw(t, "n")
	case "cell":
		return rapid.IntRange(section.CellBytesMax-60, section.CellBytesMax+2).Draw(t, "n")
	}
	return rapid.IntRange(section.CellBytesMax+1, 30_000).Draw(t, "n")
}

// TestSections_MatchMap compares with a map, over transactions and states written and read again.
func TestSections_MatchMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages, model, next := newMemPages(), map[section.RowID][]byte{}, 0
		s := section.New(pages, section.State{})
		draw := func(t *rapid.T) (section.RowID, bool) {
			if len(model) == 0 {
				return 0, false
			}
			return rapid.SampledFrom(sortedIDs(model)).Draw(t, "id"), true
		}
		add := func(t *rapid.T, n int) {
			next++
			data := row(next, n)
			id, err := s.Insert(data)
			must(t, err)
			if _, taken := model[id]; taken {
				t.Fatalf("id %v was given twice", id)
			}
			model[id] = data
		}
		remove := func(t *rapid.T, id section.RowID) {
			must(t, s.Delete(id))
			delete(model, id)
			var none *section.NoRowError
			var freed *section.CorruptError
			if _, err := s.Get(id); err == nil {
				t.Fatalf("row %v is still there", id)
			} else if pages.committed[id.Page()] != nil && !errors.As(err, &none) && !errors.As(err, &freed) {
				t.Fatalf("deleted row %v: got %v", id, err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"insert": func(t *rapid.T) { add(t, drawLength(t)) },
			"insert many": func(t *rapid.T) {
				n := drawLength(t) / 4
				for range rapid.IntRange(1, 60).Draw(t, "rows") {
					add(t, n)
				}
			},
			"replace": func(t *rapid.T) {
				id, ok := draw(t)
				if !ok {
					t.Skip("no rows")
				}
				next++
				n := drawLength(t)
				data := row(next, n)
				newID, err := s.Replace(id, data)
				must(t, err)
				before := len(model[id])
				if newID != id && (n <= before && before <= section.CellBytesMax || model[newID] != nil) {
					t.Fatalf("a row of %d bytes moved from %v to %v for %d", before, id, newID, n)
				}
				delete(model, id)
				model[newID] = data
			},
			"delete": func(t *rapid.T) {
				if id, ok := draw(t); ok {
					remove(t, id)
				}
			},
			"delete most": func(t *rapid.T) {
				kept := rapid.IntRange(0, 5).Draw(t, "kept")
				for i, id := range sortedIDs(model) {
					if i%7 >= kept {
						remove(t, id)
					}
				}
			},
			"commit and open again": func(t *rapid.T) {
				pages.commit(t)
				encoded := section.AppendState([]byte("x"), s.State())
				state, rest, err := section.DecodeState(append(encoded[1:], 'y'))
				must(t, err)
				if !bytes.Equal(rest, []byte("y")) || len(encoded) != 1+section.StateBytes {
					t.Fatalf("decoding left %q of %d bytes", rest, len(encoded))
				}
				s = section.New(pages, state)
			},
			"": func(t *rapid.T) {
				wantSound(t, pages, s.View)
				wantRows(t, s.View, model)
			},
		})
		must(t, section.Drop(pages, s.State()))
		if len(pages.taken) != 0 {
			t.Fatalf("after Drop, runs are left: %v", pages.taken)
		}
	})
}

// TestSections_AnyVerbMayFail lets each verb in turn fail: the error comes back, and nothing else goes wrong.
func TestSections_AnyVerbMayFail(t *testing.T) {
	story := func(m *memPages) error {
		s := section.New(m, section.State{})
		var ids []section.RowID
		for i := range 40 {
			id, err := s.Insert(row(i, 100+300*i))
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		for i, id := range ids {
			newID, err := s.Replace(id, row(i, 9000-200*i))
			if err != nil {
				return err
			}
			ids[i] = newID
		}
		for _, err := range s.Rows() {
			if err != nil {
				return err
			}
		}
		for _, id := range ids[:30] {
			if err := s.Delete(id); err != nil {
				return err
			}
		}
		return section.Drop(m, s.State())
	}
	clean := newMemPages()
	must(t, story(clean))
	for i := range clean.verbs {
		broken := newMemPages()
		broken.failAt = i
		if err := story(broken); !errors.Is(err, errBroken) {
			t.Fatalf("verb %d of %d failed: got error %v", i, clean.verbs, err)
		}
	}
}
