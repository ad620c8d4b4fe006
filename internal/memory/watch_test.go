package memory_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/memory"
	"pgregory.net/rapid"
)

// second is the instant of a step.
func second(i int) time.Time { return time.Unix(1_700_000_000+int64(i), 0).UTC() }

func TestWatch_EntersAtOnceAndLeavesSlowly(t *testing.T) {
	f := func(readings []int64, want string) {
		t.Helper()
		w := memory.NewWatch(400)
		var got strings.Builder
		for i, available := range readings {
			changed := w.Step(available, second(i))
			mark := string(".le"[w.Status().Severity])
			if changed {
				mark = strings.ToUpper(mark)
				if mark == "." {
					mark = "N"
				}
			}
			got.WriteString(mark)
		}
		if got.String() != want {
			t.Errorf("%v: got %s, want %s", readings, got.String(), want)
		}
	}
	f([]int64{1000, 400, 399, 399}, "..Ll")
	f([]int64{399, 401, 599, 600, 600, 600}, "LllllN")
	f([]int64{399, 600, 600, 500, 600, 600, 600}, "LlllllN")
	f([]int64{99, 399, 399, 399, 600, 600, 600}, "EeeLllN")
	f([]int64{399, 99, 1000, 1000, 1000}, "LEeeN")
	f([]int64{99, 149, 149, 149, 149}, "Eeeee")
	f([]int64{99, 600, 600, 399, 600, 600, 600}, "EeeLllN")
}

func TestWatch_TellsWhatChanged(t *testing.T) {
	w := memory.NewWatch(400)
	for i := range 400 { // low and normal in turn
		available := int64(1000)
		if i%5 == 0 {
			available = 100
		}
		w.Step(available, second(i))
	}
	s := w.Status()
	if len(s.Changes) != 32 || s.LowBytes != 400 || s.AvailableBytes != 1000 || s.Severity != memory.Normal {
		t.Errorf("%d changes, %+v", len(s.Changes), s)
	}
	if last := s.Changes[31]; last.Severity != memory.Normal || !last.At.Equal(second(398)) || last.AvailableBytes != 1000 {
		t.Errorf("last change %+v", last)
	}
	for i := 1; i < len(s.Changes); i++ {
		if !s.Changes[i-1].At.Before(s.Changes[i].At) || s.Changes[i-1].Severity == s.Changes[i].Severity {
			t.Errorf("changes %d and %d: %+v", i-1, i, s.Changes[i-1:i+1])
		}
	}
}

func TestWatch_NeverSaysNormalWhenThereIsLittle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := memory.NewWatch(400)
		for i, available := range rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 50).Draw(t, "readings") {
			before := w.Status().Severity
			changed := w.Step(available, second(i))
			now := w.Status().Severity
			if available < 400 && now == memory.Normal || available < 100 && now != memory.ExtremelyLow {
				t.Fatalf("%d bytes are %v", available, now)
			}
			if changed != (before != now) {
				t.Fatalf("changed is %v, from %v to %v", changed, before, now)
			}
		}
	})
}

func TestBoard_HoldsTheNewest(t *testing.T) {
	var b memory.Board
	if got := b.Status(); got.Severity != memory.Normal || got.Changes != nil {
		t.Errorf("empty board: %+v", got)
	}
	b.Publish(memory.Status{Severity: memory.Low})
	if got := b.Status().Severity; got != memory.Low {
		t.Errorf("got %v", got)
	}
}

func TestGiveBack_OnceAfterEachPeak(t *testing.T) {
	const mib = 1 << 20
	g := memory.NewGiveBack(5 * time.Second)
	var got strings.Builder
	allocated := uint64(0)
	step := func(i int, grown uint64) {
		allocated += grown
		if g.Step(allocated, second(i)) {
			got.WriteString("!")
		} else {
			got.WriteString(".")
		}
	}
	i := 0
	run := func(seconds int, perSecond uint64) {
		for range seconds {
			step(i, perSecond)
			i++
		}
		got.WriteString(" ")
	}
	run(3, 0)
	run(4, 50*mib)
	run(10, mib/100) // idle but for the one who looks
	run(10, 0)
	run(1, 5*mib) // too little to be worth it
	run(10, 0)
	run(1, 5*mib) // now it is, with what was before
	run(8, 0)
	run(20, 5*mib) // never idle
	run(4, 0)
	g.Ahead() // somebody else gave it back
	run(8, 0)
	want := "... .... ....!..... .......... . .......... . ....!... .................... .... ........ "
	if got.String() != want {
		t.Errorf("\n got %s\nwant %s", got.String(), want)
	}
}

func TestAllocatedBytes_Grows(t *testing.T) {
	before := memory.AllocatedBytes()
	sink = make([]byte, 1<<20)
	if grown := memory.AllocatedBytes() - before; grown < 1<<20 {
		t.Errorf("grew by %d", grown)
	}
}

var sink []byte
