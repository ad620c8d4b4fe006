package changevector_test

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	cv "github.com/rookerydb/rookery/internal/changevector"
	"github.com/rookerydb/rookery/internal/fault"
)

const (
	idA = "0123456789abcdefghijkl"
	idB = "ABCDEFGHIJKLMNOPQRST+/"
)

func TestParse(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		v, err := cv.Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			return
		}
		if got := v.String(); got != want {
			t.Errorf("Parse(%q): prints %q, want %q", text, got, want)
		}
	}
	f("", "")
	f("  ", "")
	f("A:0-"+idA, "A:0-"+idA)
	f("A:9223372036854775807-"+idA, "A:9223372036854775807-"+idA)
	f("A:007-"+idA, "A:7-"+idA)
	f("RAFT:5-"+idA+", TRXN:6-"+idB, "RAFT:5-"+idA+", TRXN:6-"+idB)
	// entries in any order and spacing come out sorted by tag, then database
	f("B:1-"+idA+",A:2-"+idA, "A:2-"+idA+", B:1-"+idA)
	f(" A:1-"+idB+"  ,  A:2-"+idA+" ", "A:2-"+idA+", A:1-"+idB)
	f("C:3-"+idA+", A:1-"+idA+", B:2-"+idA, "A:1-"+idA+", B:2-"+idA+", C:3-"+idA)
}

func TestParse_SaysWhatIsWrongAndWhere(t *testing.T) {
	f := func(text string, off int, msg string) {
		t.Helper()
		_, err := cv.Parse(text)
		var syntax *cv.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Parse(%q): got error %v", text, err)
			return
		}
		if syntax.Off != off || syntax.Msg != msg || fault.Of(err) != fault.Invalid {
			t.Errorf("Parse(%q): got %v of kind %v, want byte %d: %s", text, err, fault.Of(err), off, msg)
		}
		if want := fmt.Sprintf("change vector %q, byte %d: %s", text, off, msg); err.Error() != want {
			t.Errorf("got %s, want %s", err, want)
		}
	}
	const noTag = "expected a tag of 1 to 4 capital letters"
	const noEtag = "expected an etag, a number of 0 or more"
	f("x", 0, noTag)
	f("a:1-"+idA, 0, noTag)
	f("ABCDE:1-"+idA, 0, noTag)
	f("A", 1, `expected ":" after the tag`)
	f("A1:1-"+idA, 1, `expected ":" after the tag`)
	f("A:", 2, noEtag)
	f("A:x", 2, noEtag)
	f("A:-1-"+idA, 2, noEtag)
	f("A:9223372036854775808-"+idA, 2, "etag is larger than 9223372036854775807")
	f("A:99999999999999999999999-"+idA, 2, "etag is larger than 9223372036854775807")
	f("A:1", 3, `expected "-" after the etag`)
	f("A:1-", 4, "expected a database id of 22 base64 characters, found 0")
	f("A:1-"+idA[1:], 4, "expected a database id of 22 base64 characters, found 21")
	f("A:1-"+idA+"x", 4, "expected a database id of 22 base64 characters, found 23")
	f("A:1-"+idA[:21]+"=", 4, "expected a database id of 22 base64 characters, found 21")
	f("A:1-"+idA+";", 26, `expected "," between entries`)
	f("A:1-"+idA+" B:2-"+idA, 27, `expected "," between entries`)
	f("A:1-"+idA+",", 27, noTag)
	f(","+"A:1-"+idA, 0, noTag)
	f("A:1-"+idA+", A:2-"+idA, 28, "tag and database id of an earlier entry")
	f("B:1-"+idA+", A:2-"+idA+", B:2-"+idA, 56, "tag and database id of an earlier entry")
}

func TestParse_RefusesTooManyEntries(t *testing.T) {
	var b strings.Builder
	for i := range cv.EntriesMax + 1 {
		fmt.Fprintf(&b, "A:1-%022d,", i)
	}
	text := strings.TrimSuffix(b.String(), ",")
	_, err := cv.Parse(text)
	if fault.Of(err) != fault.TooLarge {
		t.Errorf("got %v, want an error of kind too large", err)
	}
	if len(err.Error()) > 300 {
		t.Errorf("the message repeats the text: %d bytes", len(err.Error()))
	}
	if _, err := cv.Parse(text[:strings.LastIndex(text, ",")]); err != nil {
		t.Errorf("%d entries: %v", cv.EntriesMax, err)
	}
}

func TestParse_ReadsWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawVector(t, "v")
		again, err := cv.Parse(v.String())
		if err != nil || again.String() != v.String() || len(again) != len(v) {
			t.Fatalf("%s reads as %s (err %v)", v, again, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "A:1-" + idA, "A:1-" + idA + ", RAFT:22-" + idB, "B:1-" + idA + ",A:1-" + idA, "A:-1", "a:1-x", "A:1-" + idA + ","} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := cv.Parse(text)
		if err != nil {
			var syntax *cv.SyntaxError
			if !errors.As(err, &syntax) || syntax.Off < 0 || syntax.Off > len(text) {
				t.Fatalf("Parse(%q): got error %v", text, err)
			}
			return
		}
		sorted := sort.SliceIsSorted(v, func(i, j int) bool {
			return v[i].Tag+v[i].DatabaseID < v[j].Tag+v[j].DatabaseID || v[i].Tag < v[j].Tag
		})
		if !sorted {
			t.Fatalf("Parse(%q): not sorted: %v", text, v)
		}
		again, err := cv.Parse(v.String())
		if err != nil || again.String() != v.String() {
			t.Fatalf("%q prints as %q, which reads as %q (err %v)", text, v, again, err)
		}
		if o := cv.Compare(v, again); o != cv.Equal {
			t.Fatalf("%q is %v to itself", text, o)
		}
	})
}
