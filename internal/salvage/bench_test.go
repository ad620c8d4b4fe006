package salvage_test

import (
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/vfs"
)

// BenchmarkRun salvages a database of ROOKERY_SALVAGE_MB megabytes (64 without it) on the disk of the temporary folder. The
// bytes per second are those of the data file, which is read twice. heap-MB is the memory of the process that the run had
// from the system at its end.
func BenchmarkRun(b *testing.B) {
	megabytes := 64
	if n, err := strconv.Atoi(os.Getenv("ROOKERY_SALVAGE_MB")); err == nil {
		megabytes = n
	}
	dir := b.TempDir()
	documents := salvagetest.Bulk(b, vfs.OS(), dir+"/db", megabytes)
	info, err := vfs.OS().Stat(dir + "/db/data")
	must(b, err)
	runtime.GC()
	b.SetBytes(info.SizeBytes)
	for b.Loop() {
		report, err := salvage.Run(salvage.Options{FS: vfs.OS(), Dir: dir + "/db", Out: dir + "/out", Now: time.Now, Force: true})
		must(b, err)
		if report.Damage() || report.Documents.Documents != int64(documents) {
			b.Fatalf("got %d documents, damage %v, want %d", report.Documents.Documents, report.Damage(), documents)
		}
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	b.ReportMetric(float64(mem.HeapSys)/1e6, "heap-MB")
	b.ReportMetric(float64(documents), "documents")
}
