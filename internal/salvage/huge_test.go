package salvage_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/table/row"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Values near the largest that there can be (a run of pages has 508 MB), in a file of 9 GB with holes, so that places pass 4 GiB. It
// takes a minute and 2 GB of memory: ROOKERY_SALVAGE_HUGE=1 runs it.
func TestRun_TakesHugeValues(t *testing.T) {
	if os.Getenv("ROOKERY_SALVAGE_HUGE") == "" {
		t.Skip("ROOKERY_SALVAGE_HUGE is not set")
	}
	dir := t.TempDir()
	file, err := os.Create(dir + "/data")
	must(t, err)
	want := map[uint64]bool{}
	for i, at := range []page.No{10, 1<<18 + 5, 1<<19 + 77, 1 << 20} { // 80 KB, 2 GiB, 4 GiB, 8 GiB
		text := hugeBody(200<<20, byte(i))
		doc, err := jsondoc.Parse(text)
		must(t, err)
		want[xxh3.Hash(doc.Text()[:100<<20])] = true
		_, err = file.WriteAt(hugeRun(at, i, doc), int64(at)*page.SizeBytes)
		must(t, err)
	}
	other := row.Append(nil, 77, make([]byte, page.OverflowBytesMax-100)) // no document: only its length matters
	_, err = file.WriteAt(sealRun(3<<18, other), 3<<18*page.SizeBytes)
	must(t, err)
	must(t, file.Close())

	report, err := salvage.Run(salvage.Options{FS: vfs.OS(), Dir: dir, Out: dir + "-out", Now: time.Now})
	must(t, err)
	if report.Documents.Documents != 4 || report.Rows.Unknown["77"].Count != 1 || report.Documents.Bytes < 800<<20 {
		t.Errorf("got %+v, %+v", report.Documents, report.Rows)
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	t.Logf("%.1f s, heap %d MB", report.ElapsedSeconds, mem.HeapSys>>20)
	wantTexts(t, dir+"-out/"+salvage.DocumentsName, want)
}

func hugeBody(n int, seed byte) []byte {
	text := append(bytes.Repeat([]byte{'a' + seed}, 0), `{"text":"`...)
	for i := uint64(seed); len(text) < n; i += 5 {
		text = binary.AppendUvarint(text, 0x30303030+i%9) // plain letters, cheap to make
		text = append(text, "0123456789abcdefghijklmnopqrstuvwxyz"[i%36])
	}
	for i, c := range text[9:] {
		if c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			text[9+i] = 'a' + seed
		}
	}
	return append(text, `"}`...)
}

func hugeRun(at page.No, i int, doc jsondoc.Doc) []byte {
	id := string(rune('a' + i))
	return sealRun(at, row.Append(nil, docrow.DocumentKind, salvagetest.Fields(id, int64(i+1), doc)...))
}

func sealRun(at page.No, value []byte) []byte {
	run := make([]byte, page.RunPages(len(value))*page.SizeBytes)
	page.Init(run, at, page.Overflow)
	page.SetTx(run, 1)
	page.SetOverflowBytes(run, len(value))
	copy(page.Payload(run), value)
	page.Seal(run)
	return run
}

// wantTexts checks that the first 100 MB of each document's text are there, by their hash.
func wantTexts(t *testing.T, name string, want map[uint64]bool) {
	t.Helper()
	file, err := os.Open(name)
	must(t, err)
	defer file.Close()
	zip, err := gzip.NewReader(file)
	must(t, err)
	all, err := io.ReadAll(zip)
	must(t, err)
	for line := range bytes.SplitSeq(all, []byte("\n")) {
		if len(line) > 100<<20 {
			delete(want, xxh3.Hash(line[:100<<20]))
		}
	}
	if len(want) > 0 {
		t.Errorf("%d of the texts are not there as they were", len(want))
	}
}
