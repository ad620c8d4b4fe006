package dump_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/rookerydb/rookery/internal/dump"
)

// stream makes a dump of about size bytes of text, and gives it while it is made.
func stream(size int64, c dump.Compression) io.ReadCloser {
	out, in := io.Pipe()
	go func() {
		w := dump.NewWriter(in, dump.WriteOptions{Compression: c})
		filler := strings.Repeat("lorem ipsum ", 60)
		var err error
		for i := 0; err == nil && w.TextBytes() < size; i++ {
			err = w.Add(dump.Documents, func(dst []byte) []byte {
				return fmt.Appendf(dst, `{"n":%d,"text":"%s","list":[1,2,{"x":true}],"@metadata":{"@id":"docs/%d","@collection":"Docs"}}`, i, filler, i)
			})
		}
		in.CloseWithError(errors.Join(err, w.Close()))
	}()
	return out
}

// peakHeap runs step until it is done, and returns by how much the heap grew at most.
func peakHeap(step func() bool) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, peak := m.HeapInuse, m.HeapInuse
	for n := 0; step(); n++ {
		if n%2000 == 0 {
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
		}
	}
	return peak - before
}

// allocated returns how many bytes act allocates, those that are free again included.
func allocated(act func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	act()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

const heapMax = 20 << 20

// The memory of a reader is that of its largest item, however long the stream.
func TestReader_MemoryIsBounded(t *testing.T) {
	size := int64(200 << 20)
	if testing.Short() {
		size = 16 << 20
	}
	for _, c := range []dump.Compression{dump.Gzip, dump.Zstd} {
		var r *dump.Reader
		file := stream(size, c)
		items := 0
		grown := peakHeap(func() bool {
			if r == nil {
				r = open(t, file, dump.ReadOptions{})
			}
			_, err := r.Next()
			if err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			items++
			return err == nil
		})
		if r.Progress().TextBytes < size || grown > heapMax {
			t.Errorf("%s: read %d bytes, the heap grew by %d", c, r.Progress().TextBytes, grown)
		}
		t.Logf("%s: %d items, %d MiB of text, heap + %d KiB", c, items, r.Progress().TextBytes>>20, grown>>10)
		file.Close()
	}
}

// repeated gives text n times, after head.
type repeated struct {
	head, text string
	n          int
	left       string
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.head != "" {
		r.left, r.head = r.head, ""
	}
	if r.left == "" {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.n--
		r.left = r.text
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// Things without an end, where an end should come, do not fill memory: they end in an error, or are passed over.
func TestReader_EndlessThingsAreBounded(t *testing.T) {
	n := 200 << 4
	if testing.Short() {
		n = 16 << 4
	}
	text := strings.Repeat("x", 1<<16)
	for form, head := range map[dump.Form]string{dump.Dump: `{"Docs":["`, dump.Lines: `{"`, dump.Array: `["`, dump.Single: `{"`, dump.CSV: "a\n\""} {
		r := open(t, &repeated{head: head, text: text, n: n}, dump.ReadOptions{Form: form, ItemBytesMax: 1 << 20})
		used := allocated(func() {
			if _, err := r.Next(); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%s: got %v, want an error", form, err)
			}
		})
		if used > heapMax {
			t.Errorf("%s: %d bytes were allocated", form, used)
		}
	}
	for _, head := range []string{`{"X":"`, `{"`, ` `} { // an unknown member, a name, white space
		filler := text
		if head == " " {
			filler = strings.Repeat(" ", 1<<16)
		}
		r := open(t, &repeated{head: head, text: filler, n: n}, dump.ReadOptions{Form: dump.Dump})
		used := allocated(func() {
			if _, err := r.Next(); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%q: got %v, want an error", head, err)
			}
		})
		if used > heapMax {
			t.Errorf("%q: %d bytes were allocated", head, used)
		}
	}
}

// One huge item does not hold memory for good.
func TestReader_GivesMemoryBack(t *testing.T) {
	huge := strings.Repeat("x", 32<<20)
	for form, file := range map[dump.Form]string{
		dump.Dump:  `{"Docs":[{"a":"` + huge + `"},{},{},{}]}`,
		dump.Lines: `{"a":"` + huge + "\"}\n{}\n{}\n{}\n",
		dump.CSV:   "a,b\n\"" + huge + "\",1\n2,3\n4,5\n6,7\n",
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		r := open(t, strings.NewReader(file), dump.ReadOptions{Form: form})
		for range 3 {
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 8<<20 {
			t.Errorf("%s: behind a document of 32 MiB, %d bytes are held", form, grown)
		}
		runtime.KeepAlive(r)
		runtime.KeepAlive(file)
		r.Close()
	}
}
