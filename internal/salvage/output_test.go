package salvage_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/docstore/docrow"
	"github.com/rookerydb/rookery/internal/jsondoc"
	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/table/row"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/errorfs"
)

// tiny is a small database for tests of what is around it.
func tiny(t testing.TB) *salvagetest.Database {
	t.Helper()
	return salvagetest.Build(t, salvagetest.Shape{Seed: 9, Ops: 60, IDs: 30, Huge: 5, Crash: true})
}

func options(fs vfs.FS) salvage.Options {
	return salvage.Options{FS: fs, Dir: salvagetest.Dir, Out: out, Now: clock()}
}

// wantError runs salvage and wants an error of type E.
func wantError[E error](t *testing.T, opts salvage.Options) {
	t.Helper()
	_, err := salvage.Run(opts)
	if _, ok := errors.AsType[E](err); !ok {
		t.Errorf("got %v, want %T", err, *new(E))
	}
}

func TestRun_RefusesPlaces(t *testing.T) {
	d := tiny(t)
	must(t, d.Disk.MkdirAll("empty"))
	must(t, d.Disk.MkdirAll("full"))
	must(t, vfs.WriteFileDurable(d.Disk, "full/notes", []byte("mine")))

	opts := options(d.Disk)
	opts.Out = "full"
	wantError[*salvage.OutputError](t, opts)
	opts.Force = true
	if _, err := salvage.Run(opts); err != nil || string(read(t, d.Disk, "full/notes")) != "mine" {
		t.Errorf("with Force: got %v", err)
	}
	opts.Out = salvagetest.Dir + "/out" // would write where nothing is written
	wantError[*salvage.OutputError](t, opts)
	opts = options(d.Disk)
	opts.Dir = "empty"
	wantError[*salvage.NothingFoundError](t, opts)
	opts.Dir = "nowhere"
	if _, err := salvage.Run(opts); err == nil {
		t.Error("a directory that is not there: got no error")
	}
	env, err := salvagetest.Open(d.Disk)
	must(t, err)
	defer env.Close()
	lock, err := d.Disk.Lock(salvagetest.Dir + "/lock")
	if err == nil {
		defer lock.Close() // the engine reads without it
	}
	wantError[*salvage.BusyError](t, options(d.Disk))
}

// The report on disk is the one that is returned.
func TestRun_WritesItsReport(t *testing.T) {
	d := tiny(t)
	d.Wreck(3, 0.2)
	got := run(t, d.Disk)
	var stored salvage.Report
	must(t, json.Unmarshal(read(t, d.Disk, out+"/"+salvage.ReportName), &stored))
	if diff := cmp.Diff(&stored, got.report); diff != "" {
		t.Errorf("stored and returned (-stored +returned):\n%s", diff)
	}
	var text strings.Builder
	got.report.Summary(&text)
	for _, word := range []string{"pages: ", "damaged", "documents written: ", "MB/s"} {
		if !strings.Contains(text.String(), word) {
			t.Errorf("the summary says nothing of %q:\n%s", word, text.String())
		}
	}
}

// With hardly any memory the result is the same, byte for byte.
func TestRun_NeedsLittleMemory(t *testing.T) {
	for seed := range uint64(count(t, 6, 2)) {
		d := salvagetest.Build(t, crashShape(seed))
		d.Wreck(seed, 0.02)
		if seed%2 == 0 {
			must(t, d.Disk.Remove(headerOne))
			must(t, d.Disk.Remove(headerTwo))
		}
		want := run(t, d.Disk)
		must(t, d.Disk.RemoveAll(out))
		got := run(t, d.Disk, func(o *salvage.Options) { o.OverlayBytesMax, o.LedgerRowsMax = 20_000, 7 })
		if diff := cmp.Diff(got.report, want.report); diff != "" {
			t.Errorf("seed %d: reports differ (-little +much):\n%s", seed, diff)
		}
		if diff := cmp.Diff(got.documents, want.documents); diff != "" {
			t.Errorf("seed %d: documents differ (-little +much):\n%.2000s", seed, diff)
		}
		if diff := cmp.Diff(got.deleted, want.deleted); diff != "" {
			t.Errorf("seed %d: possibly deleted documents differ (-little +much):\n%.2000s", seed, diff)
		}
	}
}

// A disk that cannot read some places costs what lies there, and nothing else.
func TestRun_GoesOnWhereTheDiskCannotRead(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range count(t, 20, 5) {
		d := salvagetest.Build(t, smallShape(random.Uint64()%4))
		bad := map[page.No]bool{}
		for range 1 + random.IntN(20) {
			bad[page.No(random.IntN(200))] = true
		}
		disk := errorfs.New(d.Disk)
		disk.Fail(func(op errorfs.Op) error {
			if op.Kind != errorfs.ReadAt || op.Name != salvagetest.Data {
				return nil
			}
			for no := range bad {
				if at := int64(no) * page.SizeBytes; op.Off < at+page.SizeBytes && at < op.Off+op.Bytes {
					return io.ErrNoProgress
				}
			}
			return nil
		})
		report, err := salvage.Run(options(disk))
		must(t, err)
		got := outcome{
			report: report, documents: salvagetest.Read(t, d.Disk, out+"/"+salvage.DocumentsName),
			deleted: salvagetest.Read(t, d.Disk, out+"/"+salvage.PossiblyDeletedName),
		}
		got.wantNothingInvented(t, d)
		got.wantSound(t, d, bad)
		for _, p := range report.DamagedPages {
			if p.First == p.Last && bad[p.First] && p.Reason != io.ErrNoProgress.Error() && p.Reason != "part of a damaged run" {
				t.Errorf("page %d cannot be read, the report says %q", p.First, p.Reason)
			}
		}
	}
}

// Whatever operation of the disk fails while writing: an error, or the whole result; nothing half made under a final name.
func TestRun_FailsCleanlyWhenItCannotWrite(t *testing.T) {
	d := tiny(t)
	whole := run(t, d.Disk)
	must(t, d.Disk.RemoveAll(out))
	boom := errors.New("boom")
	failed := 0
	for n := 0; ; n++ {
		disk := errorfs.New(d.Disk)
		fired := false
		rule := errorfs.Nth(n, boom, append(errorfs.Changing(), errorfs.Open)...)
		disk.Fail(func(op errorfs.Op) error {
			if !strings.HasPrefix(op.Name, out) { // what cannot be read is damage, no error
				return nil
			}
			err := rule(op)
			fired = fired || err != nil
			return err
		})
		opts := options(disk)
		opts.OverlayBytesMax, opts.LedgerRowsMax = 20_000, 7
		_, err := salvage.Run(opts)
		if fired && !errors.Is(err, boom) {
			t.Errorf("operation %d failed: got error %v", n, err)
		}
		for _, name := range []string{salvage.DocumentsName, salvage.PossiblyDeletedName} {
			if _, missing := d.Disk.Stat(out + "/" + name); missing == nil {
				if got := salvagetest.Read(t, d.Disk, out+"/"+name); name == salvage.DocumentsName && len(got) != len(whole.documents) {
					t.Errorf("operation %d failed: %s has %d documents of %d", n, name, len(got), len(whole.documents))
				}
			}
		}
		must(t, d.Disk.RemoveAll(out))
		if !fired {
			break
		}
		failed++
	}
	if failed < 15 {
		t.Errorf("only %d operations were made to fail", failed)
	}
}

// Files that change between the two walks are noticed, not mixed.
func TestRun_NoticesChangingFiles(t *testing.T) {
	d := salvagetest.Build(t, smallShape(1))
	changed := false
	size := int64(len(read(t, d.Disk, salvagetest.Data)))
	opts := options(d.Disk)
	opts.Progress = func(done, total int64) {
		if done != total-size || changed { // the end of the first walk
			return
		}
		changed = true
		d.Disk.Corrupt(salvagetest.Data, func(b []byte) []byte { return append(b[:len(b)/8], make([]byte, len(b)-len(b)/8)...) })
	}
	_, err := salvage.Run(opts)
	if _, ok := errors.AsType[*salvage.ChangedError](err); !ok || !changed {
		t.Errorf("got %v, want *ChangedError (changed: %v)", err, changed)
	}
}

func TestRun_TellsProgress(t *testing.T) {
	d := tiny(t)
	last := int64(-1)
	run(t, d.Disk, func(o *salvage.Options) {
		o.Progress = func(done, total int64) {
			if done < last || done > total {
				t.Errorf("went from %d to %d of %d bytes", last, done, total)
			}
			last = done
		}
	})
	if last <= 0 {
		t.Error("no progress was told")
	}
}

// The page that describes the format has an example; it must be what the code writes.
func TestDump_IsAsItsPageSays(t *testing.T) {
	text, err := os.ReadFile("../../docs/format/export.md")
	must(t, err)
	_, example, ok := strings.Cut(string(text), "<!-- example -->\n```json\n")
	want, _, closed := strings.Cut(example, "```")
	if !ok || !closed {
		t.Fatal("docs/format/export.md has no example")
	}
	ada, err := jsondoc.Parse([]byte(`{"Name":"Ada","@metadata":{"@collection":"Users"}}`))
	must(t, err)
	fields := salvagetest.Fields("users/1", 1, ada)
	fields[docrow.FieldCollection], fields[docrow.FieldCollectionKey] = []byte("Users"), []byte("users\x00")
	disk := salvagetest.Raw(t, row.Append(nil, docrow.DocumentKind, fields...), salvagetest.Row(t, "Things/2", 2, `{"n":[]}`))
	run(t, disk)
	zip, err := gzip.NewReader(bytes.NewReader(read(t, disk, out+"/"+salvage.DocumentsName)))
	must(t, err)
	got, err := io.ReadAll(zip)
	must(t, err)
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("(-code +page):\n%s", diff)
	}
}
