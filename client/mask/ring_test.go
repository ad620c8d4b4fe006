package mask_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/client/mask"
)

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// key makes a key that is the same in each run.
func key(version uint32) mask.Key {
	secret := make([]byte, mask.SecretBytes)
	chance := rand.NewChaCha8([32]byte{byte(version), byte(version >> 8)})
	_, _ = chance.Read(secret)
	return mask.Key{Version: version, Secret: secret}
}

func ring(tb testing.TB, versions ...uint32) *mask.Ring {
	tb.Helper()
	var keys []mask.Key
	for _, v := range versions {
		keys = append(keys, key(v))
	}
	r, err := mask.NewRing(keys...)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func masked(tb testing.TB, r *mask.Ring, id string) string {
	tb.Helper()
	text, err := r.Mask(id)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

func TestRing_RoundTrip(t *testing.T) {
	r := ring(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		id := string(rapid.SliceOfN(rapid.Byte(), 1, 512).Draw(t, "id"))
		text, err := r.Mask(id)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Trim(text, alphabet) != "" {
			t.Fatalf("%q has other characters", text)
		}
		if again, _ := r.Mask(id); again != text {
			t.Fatalf("masked twice: %q and %q", text, again)
		}
		sealed := 16 + 16*((len(id)+1+15)/16)
		if want := int(math.Ceil(float64(sealed*8) / math.Log2(58))); len(text) != want {
			t.Fatalf("%d characters for %d bytes, want %d", len(text), len(id), want)
		}
		back, version, err := r.Unmask(text)
		if back != id || version != 1 || err != nil {
			t.Fatalf("came back as %q, %d, %v", back, version, err)
		}
	})
}

func TestUnmask_RefusesEveryChangedCharacter(t *testing.T) {
	r := ring(t, 1)
	for _, id := range []string{"users/1-A", "orders/830-A", strings.Repeat("long/", 5)} {
		text := masked(t, r, id)
		tampered := []string{"", text[1:], text[:len(text)-1], text + "1", "1" + text, text + text, text + " ", " " + text, strings.ToUpper(text)}
		for i := range text {
			for _, c := range []byte(alphabet + "0OIl-/\x00\xff") {
				if c != text[i] {
					tampered = append(tampered, text[:i]+string([]byte{c})+text[i+1:])
				}
			}
			if i > 0 && text[i] != text[i-1] {
				tampered = append(tampered, text[:i-1]+string([]byte{text[i], text[i-1]})+text[i+1:])
			}
		}
		for _, bad := range tampered {
			if got, _, err := r.Unmask(bad); !errors.Is(err, mask.ErrInvalid) || got != "" {
				t.Fatalf("%q for %q was taken as %q, %v", bad, text, got, err)
			}
		}
	}
}

// Of 20,000 ids in their order, about as many masked neighbours ascend as descend, the first character tells nothing of the
// position, and texts of neighbours share no more characters than chance has it.
func TestMask_ShowsNoOrder(t *testing.T) {
	const n = 20_000
	r := ring(t, 1)
	ascents, shared := 0, 0
	last := masked(t, r, "orders/0-A")
	halves := map[byte][2]int{}
	for i := range n {
		text := masked(t, r, fmt.Sprintf("orders/%d-A", i+1))
		if text > last {
			ascents++
		}
		for j := 2; j < len(text); j++ {
			if text[j] == last[j] {
				shared++
			}
		}
		h := halves[text[0]]
		h[i*2/n]++
		halves[text[0]] = h
		last = text
	}
	// Ascents of a random order: mean n/2, variance n/12. Shared characters: mean 1/58 each. Six deviations are allowed; the key is fixed.
	if d := math.Abs(float64(ascents) - n/2); d > 6*math.Sqrt(n/12.0) {
		t.Errorf("%d of %d neighbours ascend", ascents, n)
	}
	places := float64(n * 42)
	if d := math.Abs(float64(shared) - places/58); d > 6*math.Sqrt(places/58) {
		t.Errorf("neighbours share %d of %.0f characters, want about %.0f", shared, places, places/58)
	}
	for c, h := range halves {
		if total := float64(h[0] + h[1]); math.Abs(float64(h[0]-h[1])) > 6*math.Sqrt(total) {
			t.Errorf("first character %q: %d in the first half, %d in the second", c, h[0], h[1])
		}
	}
}

// Ids of several collections look alike: as long, and without a beginning that tells the kind.
func TestMask_KindsLookAlike(t *testing.T) {
	r := ring(t, 1)
	for _, kind := range []string{"users/%d-A", "companies/%d-A", "o/%d", "Carts/%d-BC"} {
		first := map[byte]int{}
		for i := range 1000 {
			text := masked(t, r, fmt.Sprintf(kind, i))
			if len(text) != 44 {
				t.Fatalf("%q: %d characters, want 44", text, len(text))
			}
			first[text[3]]++
		}
		if len(first) != 58 {
			t.Errorf("%s: %d different characters at one place, want all 58", kind, len(first))
		}
	}
}

func TestRing_OldKeysUnmaskOnly(t *testing.T) {
	old, both, next := ring(t, 1), ring(t, 2, 1), ring(t, 2)
	text := masked(t, old, "users/1-A")
	id, version, err := both.Unmask(text)
	if id != "users/1-A" || version != 1 || err != nil {
		t.Errorf("old text: %q, %d, %v", id, version, err)
	}
	fresh := masked(t, both, "users/1-A")
	if fresh == text || fresh != masked(t, next, "users/1-A") || fresh != masked(t, ring(t, 1, 2), "users/1-A") {
		t.Error("the newest key does not mask")
	}
	if _, _, err := next.Unmask(text); !errors.Is(err, mask.ErrInvalid) {
		t.Errorf("a key that is gone still unmasks: %v", err)
	}
	// the version is authenticated: the same secret under another one is another key
	moved := key(1)
	moved.Version = 3
	r, err := mask.NewRing(moved)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Unmask(text); !errors.Is(err, mask.ErrInvalid) {
		t.Errorf("another version unmasks: %v", err)
	}
}

func TestRing_RefusesBadKeysAndIDs(t *testing.T) {
	short := mask.Key{Version: 1, Secret: make([]byte, 32)}
	for _, keys := range [][]mask.Key{nil, {short}, {key(1), key(1)}, make([]mask.Key, 65)} {
		if _, err := mask.NewRing(keys...); !errors.As(err, new(*mask.KeyError)) {
			t.Errorf("%d keys: %v, want a KeyError", len(keys), err)
		}
	}
	for _, id := range []string{"", strings.Repeat("x", 513)} {
		if _, err := ring(t, 1).Mask(id); !errors.As(err, new(*mask.IDError)) {
			t.Errorf("%d bytes: %v, want an IDError", len(id), err)
		}
	}
	if a, b := mask.NewSecret(), mask.NewSecret(); len(a) != mask.SecretBytes || bytes.Equal(a, b) {
		t.Error("secrets repeat")
	}
}

// What is taken is the one text that Mask makes.
func FuzzUnmask(f *testing.F) {
	r := ring(f, 1, 2)
	f.Add(masked(f, r, "users/1-A"))
	f.Add("")
	f.Add(strings.Repeat("z", 44))
	f.Fuzz(func(t *testing.T, text string) {
		id, version, err := r.Unmask(text)
		if err != nil {
			return
		}
		if version != 2 || masked(t, r, id) != text {
			t.Errorf("%q was taken as %q of key %d", text, id, version)
		}
	})
}

func BenchmarkMask(b *testing.B) {
	r := ring(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Mask("orders/830-A"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmask(b *testing.B) {
	r := ring(b, 1)
	text := masked(b, r, "orders/830-A")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := r.Unmask(text); err != nil {
			b.Fatal(err)
		}
	}
}
