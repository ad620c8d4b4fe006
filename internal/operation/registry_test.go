package operation_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/operation"
)

var compact = operation.Spec{Kind: "Compact", Description: "Shop"}

func start(t *testing.T) *operation.Registry {
	t.Helper()
	r := operation.New(operation.Options{Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(r.Close)
	return r
}

func mustStart(t *testing.T, r *operation.Registry, work operation.Work) operation.ID {
	t.Helper()
	id, err := r.Start(compact, work)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func wantState(t *testing.T, r *operation.Registry, id operation.ID, want operation.State) operation.Status {
	t.Helper()
	s, err := r.Status("", id)
	if err != nil || s.State != want || s.ID != id {
		t.Errorf("operation %d is %+v, %v, want %v", id, s, err, want)
	}
	return s
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.Of(err) != want {
		t.Errorf("got %v of kind %v, want %v", err, fault.Of(err), want)
	}
}

// untilEnd is work that ends with its context.
func untilEnd(ctx context.Context, _ func(any)) (any, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("work: %w", ctx.Err())
}

func TestStart_ReportsAndCompletes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		next := make(chan struct{})
		id := mustStart(t, r, func(_ context.Context, report func(any)) (any, error) {
			report("half")
			<-next
			return "all", nil
		})
		synctest.Wait()
		if s := wantState(t, r, id, operation.InProgress); s.Progress != "half" || s.Kind != "Compact" || s.StartedAt.IsZero() {
			t.Errorf("got %+v", s)
		}
		close(next)
		synctest.Wait()
		if s := wantState(t, r, id, operation.Completed); s.Result != "all" || s.EndedAt.IsZero() {
			t.Errorf("got %+v", s)
		}
	})
}

func TestStart_FailuresAndDefectsAreFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		broken := errors.New("broken")
		failing := mustStart(t, r, func(context.Context, func(any)) (any, error) { return nil, broken })
		panicking := mustStart(t, r, func(context.Context, func(any)) (any, error) { panic("defect") })
		synctest.Wait()
		if s := wantState(t, r, failing, operation.Faulted); !errors.Is(s.Err, broken) {
			t.Errorf("got %v", s.Err)
		}
		wantKind(t, wantState(t, r, panicking, operation.Faulted).Err, fault.Internal)
	})
}

func TestKill_EndsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		id := mustStart(t, r, untilEnd)
		other := mustStart(t, r, untilEnd)
		if err := r.Kill("", id); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		wantState(t, r, id, operation.Canceled)
		wantState(t, r, other, operation.InProgress)
		if err := r.Kill("", id); err != nil {
			t.Errorf("killed again: %v", err)
		}
		wantKind(t, r.Kill("", 1), fault.NotFound)
	})
}

// Work that completes in spite of Kill is Completed: the truth counts, not the wish.
func TestKill_TooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		next := make(chan struct{})
		id := mustStart(t, r, func(context.Context, func(any)) (any, error) { <-next; return 1, nil })
		if err := r.Kill("", id); err != nil {
			t.Error(err)
		}
		if s := wantState(t, r, id, operation.InProgress); !s.Cancelling {
			t.Error("not cancelling")
		}
		close(next)
		synctest.Wait()
		if s := wantState(t, r, id, operation.Completed); s.Cancelling {
			t.Error("still cancelling")
		}
	})
}

func TestReserve_GivesIDsForLaterWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		id := r.Reserve("Shop")
		if s, err := r.Status("Shop", id); err != nil || s.State != operation.InProgress {
			t.Errorf("reserved: %+v, %v", s, err)
		}
		imports := operation.Spec{Database: "Shop", Kind: "Import"}
		wantKind(t, r.StartAs(id, operation.Spec{Database: "Other"}, untilEnd), fault.Conflict)
		if err := r.StartAs(id, imports, untilEnd); err != nil {
			t.Fatal(err)
		}
		wantKind(t, r.StartAs(id, imports, untilEnd), fault.Conflict)
		wantKind(t, r.StartAs(id+1, imports, untilEnd), fault.Conflict)
		killed := r.Reserve("Shop")
		if err := r.Kill("Shop", killed); err != nil {
			t.Fatal(err)
		}
		wantKind(t, r.StartAs(killed, imports, untilEnd), fault.Conflict)
		if s, err := r.Status("Shop", killed); err != nil || s.State != operation.Canceled {
			t.Errorf("killed: %+v, %v", s, err)
		}
	})
}

func TestStatus_OfOneDatabaseIsHiddenFromOthers(t *testing.T) {
	r := start(t)
	id, err := r.Start(operation.Spec{Database: "Shop"}, untilEnd)
	if err != nil {
		t.Fatal(err)
	}
	for _, database := range []string{"", "Other"} {
		_, err := r.Status(database, id)
		wantKind(t, err, fault.NotFound)
		wantKind(t, r.Kill(database, id), fault.NotFound)
		if list := r.List(database); len(list) != 0 {
			t.Errorf("list of %q: %v", database, list)
		}
	}
	if list := r.List("Shop"); len(list) != 1 || list[0].ID != id {
		t.Errorf("list: %v", list)
	}
}

func TestStatus_EndedOnesAreForgottenAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		id := mustStart(t, r, func(context.Context, func(any)) (any, error) { return nil, nil })
		long := mustStart(t, r, untilEnd)
		time.Sleep(59 * time.Minute) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
		wantState(t, r, id, operation.Completed)
		time.Sleep(2 * time.Minute) //nolint:forbidigo // as above
		_, err := r.Status("", id)
		wantKind(t, err, fault.NotFound)
		wantState(t, r, long, operation.InProgress)
	})
}

func TestIDs_NeverRepeatAndOutliveRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := start(t)
		var mu sync.Mutex
		var ids []operation.ID
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				id := before.Reserve("Shop")
				mu.Lock()
				defer mu.Unlock()
				ids = append(ids, id)
			})
		}
		wg.Wait()
		slices.Sort(ids)
		if len(slices.Compact(ids)) != 20 {
			t.Errorf("ids repeat: %v", ids)
		}
		time.Sleep(time.Second) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
		after := start(t)
		if id := after.Reserve("Shop"); id <= ids[19] || id > 1<<53 {
			t.Errorf("id %d after a restart, %d before", id, ids[19])
		}
	})
}

func TestClose_EndsAllAndStartsNone(t *testing.T) {
	r := start(t)
	id := mustStart(t, r, untilEnd)
	r.Close()
	wantState(t, r, id, operation.Canceled)
	_, err := r.Start(compact, untilEnd)
	wantKind(t, err, fault.Unavailable)
}

func TestStart_IsBounded(t *testing.T) {
	r := start(t)
	for range 1000 {
		mustStart(t, r, untilEnd)
	}
	_, err := r.Start(compact, untilEnd)
	wantKind(t, err, fault.Unavailable)
}
