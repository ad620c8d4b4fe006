package mask

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestFormat_PageShowsTheBytes holds docs/format/masked-id.md to the code.
func TestFormat_PageShowsTheBytes(t *testing.T) {
	page, err := os.ReadFile("../../docs/format/masked-id.md")
	if err != nil {
		t.Fatal(err)
	}
	secret := make([]byte, SecretBytes)
	for i := range secret {
		secret[i] = byte(i)
	}
	r, err := NewRing(Key{Version: 1, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	example, err := r.Mask("users/1-A")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		fmt.Sprintf("| %d | %d | synthetic IV", tagOff, idOff-tagOff),
		fmt.Sprintf("| %d | %d·n | the id, the byte %#x, zeros up to a multiple of %d", idOff, padTo, padBegins, padTo),
		fmt.Sprintf("| %d to %d bytes | %d | %d |", 1, padTo-1, idOff+padTo, width(idOff+padTo)),
		fmt.Sprintf("| %d to %d bytes | %d | %d |", padTo, 2*padTo-1, idOff+2*padTo, width(idOff+2*padTo)),
		fmt.Sprintf("| %d to %d bytes | %d | %d |", 2*padTo, 3*padTo-1, idOff+3*padTo, width(idOff+3*padTo)),
		fmt.Sprintf("| %d bytes, the longest | %d | %d |", idBytesMax, maskedBytesMax, width(maskedBytesMax)),
		"`" + base58 + "`", "`" + example + "`",
	} {
		if !strings.Contains(string(page), line) {
			t.Errorf("docs/format/masked-id.md lacks %q", line)
		}
	}
}
