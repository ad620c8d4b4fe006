package operation

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/fault"
)

// Work does an operation. It ends soon after ctx, with an error that wraps that of ctx. What it reports and returns must not be
// changed afterwards. report may be called often: only the last value is kept.
type Work func(ctx context.Context, report func(progress any)) (result any, err error)

// Options says what New needs; all fields are required.
type Options struct {
	Now    func() time.Time
	Logger *slog.Logger
}

// Registry knows the operations of one node. Its methods may be called by any number of goroutines.
type Registry struct {
	now     func() time.Time
	log     *slog.Logger
	running sync.WaitGroup

	mu       sync.Mutex // guards all below; never held while work runs
	last     ID
	reserved []reservation           // in the order of their ids
	active   map[ID]*active          // that run
	ended    []Status                // in the order of their ends
	watched  map[string]*changes.Hub // of those databases whose operations somebody watches
	closed   bool
}

// reservation is an id that was given out, and the database that it is for.
type reservation struct {
	id       ID
	database string
}

// active is an operation that runs.
type active struct {
	status Status
	cancel context.CancelFunc
}

// New returns a registry without operations.
func New(o Options) *Registry {
	return &Registry{now: o.Now, log: o.Logger, last: ID(max(0, o.Now().UnixMilli())), active: map[ID]*active{}, watched: map[string]*changes.Hub{}}
}

// Reserve gives out an id for an operation of that database that will begin later, by StartAs.
func (r *Registry) Reserve(database string) ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	if len(r.reserved) >= reservedMax {
		r.reserved = slices.Delete(r.reserved, 0, 1)
	}
	r.reserved = append(r.reserved, reservation{id: r.last, database: database})
	return r.last
}

// Start begins an operation in a goroutine of its own. It does not end with the request that asked for it, but by Kill and Close.
//
// *BusyError, *ClosedError.
func (r *Registry) Start(spec Spec, work Work) (ID, error) {
	id, err := r.start(spec, work)
	if err == nil {
		r.tell(spec.Database, id)
	}
	return id, err
}

func (r *Registry) start(spec Spec, work Work) (ID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.mayStartLocked(); err != nil {
		return 0, err
	}
	r.last++
	r.startLocked(r.last, spec, work)
	return r.last, nil
}

// StartAs is Start with an id that Reserve gave out for the same database. *IDTakenError when it did not, or when the id was
// used.
func (r *Registry) StartAs(id ID, spec Spec, work Work) error {
	err := r.startAs(id, spec, work)
	if err == nil {
		r.tell(spec.Database, id)
	}
	return err
}

func (r *Registry) startAs(id ID, spec Spec, work Work) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.mayStartLocked(); err != nil {
		return err
	}
	i := slices.Index(r.reserved, reservation{id: id, database: spec.Database})
	if i < 0 {
		return &IDTakenError{ID: id}
	}
	r.reserved = slices.Delete(r.reserved, i, i+1)
	r.startLocked(id, spec, work)
	return nil
}

func (r *Registry) mayStartLocked() error {
	if r.closed {
		return &ClosedError{}
	}
	if len(r.active) >= runningMax {
		return &BusyError{Running: len(r.active)}
	}
	return nil
}

func (r *Registry) startLocked(id ID, spec Spec, work Work) {
	ctx, cancel := context.WithCancel(context.Background())
	a := &active{status: Status{ID: id, Spec: spec, StartedAt: r.now()}, cancel: cancel}
	r.active[id] = a
	r.running.Go(func() {
		defer cancel()
		result, err := guarded(ctx, work, func(progress any) { r.report(a, progress) })
		r.end(a, result, err)
		r.tell(spec.Database, id)
	})
}

// guarded turns a panic, a defect of ours, into an error.
func guarded(ctx context.Context, work Work, report func(any)) (result any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return work(ctx, report)
}

func (r *Registry) report(a *active, progress any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.status.Progress = progress
}

// end moves an operation to those that have ended.
func (r *Registry) end(a *active, result any, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &a.status
	switch {
	case err == nil:
		s.State, s.Result = Completed, result
	case errors.Is(err, context.Canceled):
		s.State, s.Err = Canceled, err
	default:
		s.State, s.Err = Faulted, err
		r.logLocked(s)
	}
	s.EndedAt, s.Cancelling = r.now(), false
	delete(r.active, s.ID)
	r.ended = append(r.ended, *s)
	r.forgetLocked()
}

// logLocked tells an operator of a failure that nobody may ask about.
func (r *Registry) logLocked(s *Status) {
	level := slog.LevelWarn
	if kind := fault.Of(s.Err); kind == fault.Internal || kind == fault.Corrupt {
		level = slog.LevelError
	}
	log := r.log
	if p, ok := errors.AsType[*PanicError](s.Err); ok {
		log = log.With("stack", string(p.Stack))
	}
	log.Log(context.Background(), level, "operation failed", "operation", int64(s.ID), "operation_kind", s.Kind, "db", s.Database, "err", s.Err)
}

// forgetLocked drops what ended long ago, and what is too much.
func (r *Registry) forgetLocked() {
	old := max(0, len(r.ended)-endedMax)
	now := r.now()
	for old < len(r.ended) && now.Sub(r.ended[old].EndedAt) > keptFor {
		old++
	}
	r.ended = slices.Delete(r.ended, 0, old)
}

// Status returns an operation of that database, or of the server when database is empty. *MissingError when there is none, or it
// ended too long ago.
func (r *Registry) Status(database string, id ID) (Status, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetLocked()
	if a, ok := r.active[id]; ok && a.status.Database == database {
		return a.status, nil
	}
	if i := slices.IndexFunc(r.ended, func(s Status) bool { return s.ID == id && s.Database == database }); i >= 0 {
		return r.ended[i], nil
	}
	if slices.Contains(r.reserved, reservation{id: id, database: database}) {
		return Status{ID: id, Spec: Spec{Database: database}}, nil
	}
	return Status{}, &MissingError{ID: id}
}

// List returns the operations of that database that run or are remembered, by id.
func (r *Registry) List(database string) []Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetLocked()
	var list []Status
	for _, a := range r.active {
		if a.status.Database == database {
			list = append(list, a.status)
		}
	}
	for _, s := range r.ended {
		if s.Database == database {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b Status) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// Kill ends the context of an operation; it is Canceled when its work has noticed, unless it completed before. One that has ended
// stays as it is. An id that is only reserved becomes Canceled, and nothing begins with it. *MissingError as with Status.
func (r *Registry) Kill(database string, id ID) error {
	ended, err := r.kill(database, id)
	if ended {
		r.tell(database, id)
	}
	return err
}

// kill is Kill. ended says that the operation has ended by it.
func (r *Registry) kill(database string, id ID) (ended bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a, ok := r.active[id]; ok && a.status.Database == database {
		a.status.Cancelling = true
		a.cancel()
		return false, nil
	}
	if i := slices.Index(r.reserved, reservation{id: id, database: database}); i >= 0 {
		r.reserved = slices.Delete(r.reserved, i, i+1)
		now := r.now()
		r.ended = append(r.ended, Status{
			ID: id, Spec: Spec{Database: database}, State: Canceled, StartedAt: now, EndedAt: now, Err: context.Canceled,
		})
		return true, nil
	}
	if slices.ContainsFunc(r.ended, func(s Status) bool { return s.ID == id && s.Database == database }) {
		return false, nil
	}
	return false, &MissingError{ID: id}
}

// Close ends the contexts of all operations and waits for them. What they were can still be asked for. Idempotent.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	for _, a := range r.active {
		a.cancel()
	}
	r.mu.Unlock()
	r.running.Wait()
}
