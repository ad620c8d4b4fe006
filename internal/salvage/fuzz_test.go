package salvage_test

import (
	"bytes"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/rookerydb/rookery/internal/salvage"
	"github.com/rookerydb/rookery/internal/salvage/salvagetest"
	"github.com/rookerydb/rookery/internal/storage/journal"
	"github.com/rookerydb/rookery/internal/storage/page"
	"github.com/rookerydb/rookery/internal/vfs"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// salvageBytes runs over an environment with these files, which must end without an error.
func salvageBytes(t *testing.T, data, header, log []byte) outcome {
	t.Helper()
	disk := memfs.New(memfs.WithoutCrashes())
	must(t, disk.MkdirAll(journals))
	for name, b := range map[string][]byte{
		salvagetest.Data: data, headerOne: header, journals + "/0000000000000000001.journal": log,
	} {
		must(t, vfs.WriteFileDurable(disk, name, b))
	}
	return run(t, disk)
}

// FuzzRun: no bytes in any of the files make a run panic or fail, and what it writes reads as an export.
func FuzzRun(f *testing.F) {
	d := salvagetest.Build(f, salvagetest.Shape{Seed: 1, Ops: 12, IDs: 8, Crash: true})
	data, header := read(f, d.Disk, salvagetest.Data), read(f, d.Disk, headerOne)
	names, err := d.Disk.List(journals)
	must(f, err)
	log := read(f, d.Disk, journals+"/"+names[0])
	f.Add(data[:min(len(data), 8*page.SizeBytes)], header, log[:min(len(log), 4*4096)])
	f.Add(data[:3*page.SizeBytes+100], []byte{}, []byte{})
	f.Add([]byte{}, header, log[:8192])
	f.Fuzz(func(t *testing.T, data, header, log []byte) { salvageBytes(t, data, header, log) })
}

// FuzzPages: pages whose checksums agree hold anything. The fuzzer sees bytes that were sealed after it changed them, so it gets behind
// the checksum.
func FuzzPages(f *testing.F) {
	disk := salvagetest.Raw(f, salvagetest.Row(f, "a/1", 1, `{"a":1}`), salvagetest.Row(f, "a/2", 2, `{"t":"`+string(bytes.Repeat([]byte("x"), 20_000))+`"}`))
	f.Add(read(f, disk, salvagetest.Data)[:12*page.SizeBytes])
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.Clone(data)
		for at := 0; at+page.SizeBytes <= len(data); at += page.SizeBytes {
			run := data[at:]
			if int(page.Number(run))*page.SizeBytes == at && page.OverflowBytes(run) <= page.OverflowBytesMax && page.RunLen(run)*page.SizeBytes <= len(run) {
				page.Seal(run[:page.RunLen(run)*page.SizeBytes])
			}
		}
		salvageBytes(t, data, nil, nil)
	})
}

// FuzzRecord: what is in a record whose hash agrees may be anything.
func FuzzRecord(f *testing.F) {
	one := make([]byte, page.SizeBytes)
	page.Init(one, 5, page.SectionData)
	f.Add(journal.AppendFree(journal.AppendPage(nil, 5, xxh3.Hash(one), nil, one), 9, 3), uint16(1))
	f.Fuzz(func(t *testing.T, payload []byte, copies uint16) {
		var log []byte
		for tx := range uint64(1 + copies%4) {
			log, _, _ = journal.AppendRecord(log, journal.Header{Journal: 1, Tx: tx + 2, NextPage: 64}, payload, 1<<20, nil)
		}
		salvageBytes(t, nil, nil, log)
	})
}

// FuzzDecodeHeader: no bytes make it panic.
func FuzzDecodeHeader(f *testing.F) {
	d := salvagetest.Build(f, salvagetest.Shape{Seed: 1, Ops: 1, IDs: 1})
	f.Add(read(f, d.Disk, headerOne))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, why := salvage.DecodeHeader(b); why != "" && len(b) == 4096 {
			salvage.DecodeHeader(salvage.SealHeader(bytes.Clone(b)))
		}
	})
}
