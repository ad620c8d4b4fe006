package flattrie_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/flattrie"
)

// document returns docs/format/flattrie.md.
func document(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/format/flattrie.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documentOff returns the offset that the document gives for a field.
func documentOff(t *testing.T, field string) int {
	t.Helper()
	row := regexp.MustCompile(`(?m)^\| (\d+) \| [^|]* \| ` + field + ` \|`).FindStringSubmatch(document(t))
	if row == nil {
		t.Fatalf("the document has no offset for %q", field)
	}
	off, _ := strconv.Atoi(row[1])
	return off
}

// documentList returns the numbers that the document lists behind a start of a line.
func documentList(t *testing.T, start string) []int {
	t.Helper()
	_, rest, found := strings.Cut(document(t), "- "+start+": ")
	if !found {
		t.Fatalf("the document has no list %q", start)
	}
	rest, _, _ = strings.Cut(rest, ". ")
	var list []int
	for word := range strings.SplitSeq(rest, ", ") {
		word, _, _ = strings.Cut(word, " ")
		n, err := strconv.Atoi(word)
		if err != nil {
			t.Fatalf("list %q: %v", start, err)
		}
		list = append(list, n)
	}
	return list
}

// number reads a field of the header where the document says that it is.
func number(t *testing.T, buf []byte, field string) int {
	t.Helper()
	return int(binary.LittleEndian.Uint32(buf[documentOff(t, field):]))
}

func TestFormat_PutsFieldsWhereTheDocumentSays(t *testing.T) {
	trie := trieOf(t, "ab", "cde")
	put(t, trie, "ab", 0x1234)
	trie.Delete([]byte("cde")) // leaves dead bytes
	put(t, trie, "c", 3)
	buf := trie.View().Bytes()
	stats := trie.View().Stats()
	if string(buf[:4]) != "RFT1" || number(t, buf, "used") != stats.UsedBytes || stats.UsedBytes != len(buf) ||
		number(t, buf, "dead") != stats.DeadBytes || stats.DeadBytes == 0 || number(t, buf, "keys") != 2 {
		t.Errorf("header % x, stats %+v", buf[:20], stats)
	}
	root := number(t, buf, "root")
	shape, children, edge := documentOff(t, "shape"), documentOff(t, "children"), documentOff(t, "edge length")
	if got, want := buf[root+shape], byte(2<<3); got != want { // no value, room for two
		t.Errorf("shape of the root: %#x, want %#x", got, want)
	}
	if buf[root+children] != 1 || string(buf[root+4:root+6]) != "ac" {
		t.Errorf("root: % x", buf[root:root+16])
	}
	leaf := int(binary.LittleEndian.Uint32(buf[root+4+2:]))
	if got, want := buf[leaf:leaf+7], []byte{2, 0, 1, 0, 0x34, 0x12, 'b'}; !bytes.Equal(got, want) {
		t.Errorf("leaf: % x, want % x", got, want)
	}
	if edge != 2 || documentOff(t, "value") != 4 || documentOff(t, "root") != 16 {
		t.Error("the document has other offsets")
	}
}

func TestFormat_HasTheSizesOfTheDocument(t *testing.T) {
	values := map[int]bool{}
	for shift := range 64 {
		trie := trieOf(t)
		put(t, trie, "", 1<<shift)
		root := number(t, trie.View().Bytes(), "root")
		values[int(trie.View().Bytes()[root])] = true
	}
	if got, want := documentList(t, "Bytes of the value for 0 to 4"), []int{0, 1, 2, 4, 8}; !cmp.Equal(got, want) || len(values) != 4 {
		t.Errorf("bytes of values: %v, %d in use; want %v", got, len(values), want)
	}
	rooms := []int{0}
	trie := trieOf(t)
	for i := range 256 {
		put(t, trie, string([]byte{byte(i)}), 1)
		buf := trie.View().Bytes()
		if code := int(buf[number(t, buf, "root")] >> 3); code == len(rooms) {
			rooms = append(rooms, 0)
		} else if code != len(rooms)-1 {
			t.Fatalf("room %d after %d", code, len(rooms)-1)
		}
		rooms[len(rooms)-1] = i + 1
	}
	if diff := cmp.Diff(documentList(t, "Room for 0 to 16"), rooms); diff != "" {
		t.Errorf("rooms (- document, + code):\n%s", diff)
	}
	if !strings.Contains(document(t), "at most "+strconv.Itoa(flattrie.KeyBytesMax)+" bytes") {
		t.Error("the document has another longest key")
	}
}
