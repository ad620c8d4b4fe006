package table_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// walked is a table by name and by number.
func walked() *table.Table {
	return table.New(table.Schema{
		Name: "walked", Kind: 7, Fields: 3,
		Primary: table.Index{Name: "name", Fields: []int{0}},
		Indexes: []table.Index{{Name: "number", Fields: []int{1}, Uint64: true}},
	})
}

func openPulsing(t rapid.TB, pulseBytes int64) *storage.Env {
	t.Helper()
	env, err := storage.Open(storage.Options{
		FS: memfs.New(memfs.WithoutCrashes()), Dir: "db", ManualFlush: true, Rand: rand.New(rand.NewPCG(1, 2)),
		Now: func() time.Time { return time.Unix(1e9, 0) }, PulseBytes: pulseBytes,
	})
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func putNumber(t rapid.TB, env *storage.Env, rows *table.Table, name string, number uint64) {
	t.Helper()
	err := env.Update(func(tx *storage.WriteTx) error {
		return rows.Put(tx, [][]byte{[]byte(name), binary.BigEndian.AppendUint64(nil, number), make([]byte, 100)})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWalk_YieldsWhatStaysExactlyOnce, whatever comes, changes and goes beside the walk, and wherever it moves on.
func TestWalk_YieldsWhatStaysExactlyOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env, rows := openPulsing(t, int64(rapid.IntRange(1, 3000).Draw(t, "pulse"))), walked()
		defer env.Close()
		stays := map[string]bool{}
		for i := range rapid.IntRange(0, 60).Draw(t, "rows") {
			name := fmt.Sprintf("%03d", i*10)
			putNumber(t, env, rows, name, uint64(i*10))
			stays[name] = true
		}
		putNumber(t, env, rows, "last", ^uint64(0))
		stays["last"] = true
		index := rapid.SampledFrom([]string{"", "number"}).Draw(t, "index")
		tx, err := env.Read()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Close()
		first, previous := tx.ID(), ""
		for row, err := range rows.Walk(tx, index, nil) {
			if err != nil {
				t.Fatal(err)
			}
			name := string(row.Field(0))
			if name <= previous {
				t.Fatalf("%q after %q", name, previous)
			}
			previous = name
			delete(stays, name)
			for range rapid.IntRange(0, 2).Draw(t, "writes") {
				n := rapid.IntRange(0, 600).Draw(t, "number")
				if n%10 == 0 {
					continue // those stay
				}
				putNumber(t, env, rows, fmt.Sprintf("%03d", n), uint64(n))
			}
		}
		if len(stays) > 0 {
			t.Fatalf("not seen: %v", stays)
		}
		if env.Stats().Tx > first+20 && tx.ID() == first && env.Stats().UsedPages > 0 {
			t.Log("the walk never moved on") // a large pulse
		}
	})
}

// TestWalk_HoldsBackNoMoreThanAPulse: beside a walk that was told to move on, the data file advances; beside one that was not
// it stays.
func TestWalk_HoldsBackNoMoreThanAPulse(t *testing.T) {
	for pulse, wantMove := range map[int64]bool{1 << 10: true, 1 << 30: false} {
		env, rows := openPulsing(t, pulse), walked()
		for i := range 200 {
			putNumber(t, env, rows, fmt.Sprintf("%03d", i), uint64(i))
		}
		tx, err := env.Read()
		if err != nil {
			t.Fatal(err)
		}
		start, n := tx.ID(), 0
		for row, err := range rows.Walk(tx, "", nil) {
			if err != nil {
				t.Fatal(err)
			}
			putNumber(t, env, rows, string(row.Field(0)), uint64(n)+1000)
			if n++; n == 100 {
				break
			}
		}
		behind := env.Stats().Tx - tx.ID()
		if moved := tx.ID() > start; moved != wantMove || moved && behind > 20 {
			t.Errorf("pulse %d: the walk moved: %v; it is %d transactions behind", pulse, moved, behind)
		}
		tx.Close()
		if err := env.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWalk_GoesOnBehindTheLongestKey: the key to go on from is longer than any that may be stored.
func TestWalk_GoesOnBehindTheLongestKey(t *testing.T) {
	env, rows := openPulsing(t, 1), walked()
	defer env.Close()
	long := string(make([]byte, table.KeyBytesMax))
	putNumber(t, env, rows, long, 1)
	putNumber(t, env, rows, "z", 2)
	tx, err := env.Read()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	n := 0
	for _, err := range rows.Walk(tx, "name", nil) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}
