package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
	"github.com/rookerydb/rookery/internal/vfs"
)

// Options says what to open. FS, Dir, Now, Rand, Logger and Ticks are required.
type Options struct {
	FS     vfs.FS
	Dir    string // of the environment that holds the log; created when missing
	Now    func() time.Time
	Rand   *rand.Rand // owned by the cluster from here on
	Logger *slog.Logger
	// Ticks are the clock of elections: electionTicks of them without a word from the leader start one. A channel that
	// never ticks is fine for a cluster of one.
	Ticks <-chan time.Time

	NodeTag string // of a node that has no log yet; default A. Later the log knows it.
	NodeURL string // likewise; may be empty until SetNodeURL

	CommandBytesMax int // bound of one command; 0 means 128 MiB
	SnapshotEvery   int // entries applied between snapshots; 0 means 1,024

	SlowIOAfter          time.Duration // a write or sync that takes longer is reported as slow; 0 means storage's default
	IgnoreInvalidJournal bool          // open in spite of a damaged journal, losing what comes after the damage
}

func (o *Options) setDefaults() {
	if o.NodeTag == "" {
		o.NodeTag = "A"
	}
	if o.CommandBytesMax == 0 {
		o.CommandBytesMax = commandBytesDefault
	}
	if o.SnapshotEvery == 0 {
		o.SnapshotEvery = snapshotEveryDefault
	}
}

// Cluster is this node's part in the cluster: its log, and the State that the log has led to. Its methods may be called
// by any number of goroutines.
type Cluster struct {
	env             *storage.Env
	exchange        *table.Table // to read with
	tag             string
	commandBytesMax int
	now             func() time.Time
	published       atomic.Pointer[published]
	proposals       chan *pending // to the raft loop

	randMu sync.Mutex
	rand   *rand.Rand

	stop context.CancelFunc
	done chan struct{} // closed when the raft loop has ended
	// failed is why the loop ended, when nobody asked it to. Written before done is closed.
	failed error
	close  func() error // once
}

// published is a State with the bell for the one after it.
type published struct {
	state *State
	term  uint64        // of the log entry that led to it
	next  chan struct{} // closed when there is a newer State
}

// pending is a proposal on its way, and where its proposer waits.
type pending struct {
	ticket uint64
	data   []byte
	answer chan Result // capacity 1: the loop never waits for a proposer that has left
}

// Open opens the log in o.Dir, or begins a new cluster of one. It returns when all that was decided before is applied
// and, in a cluster of one, this node leads it. Errors: storage's, *raftstore.CorruptError, *DecodeError,
// *NewerVersionError, *InvalidCommandError for a bad tag.
func Open(o Options) (*Cluster, error) {
	o.setDefaults()
	env, err := storage.Open(storage.Options{
		FS: o.FS, Dir: o.Dir, Logger: o.Logger, Now: o.Now, Rand: o.Rand, IgnoreInvalidJournal: o.IgnoreInvalidJournal, SlowIOAfter: o.SlowIOAfter,
	})
	if err != nil {
		return nil, fmt.Errorf("open cluster log: %w", err)
	}
	loop, err := newRaftLoop(env, o)
	if err != nil {
		return nil, closeAfter(env, fmt.Errorf("open cluster log: %w", err))
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &Cluster{
		env: env, exchange: newExchangeTable(), tag: loop.tag, commandBytesMax: o.CommandBytesMax, now: o.Now, rand: o.Rand,
		proposals: make(chan *pending, proposalsWaiting), stop: stop, done: make(chan struct{}),
	}
	c.close = sync.OnceValue(c.shutDown)
	c.published.Store(&published{state: loop.state, term: loop.term, next: make(chan struct{})})
	loop.publish = c.publish
	go func() {
		defer close(c.done)
		c.failed = loop.run(ctx, c.proposals)
		if c.failed != nil {
			o.Logger.Error("cluster log failed", "err", c.failed)
		}
	}()
	return c, nil
}

// closeAfter closes env and returns err; that env could not be closed either adds nothing to it.
func closeAfter(env *storage.Env, err error) error {
	_ = env.Close()
	return err
}

// Close stops the raft loop and closes the log. Proposals that wait are answered with *ClosedError. Calling it again
// returns the same.
func (c *Cluster) Close() error { return c.close() }

func (c *Cluster) shutDown() error {
	c.stop()
	<-c.done
	return c.env.Close()
}

// Tag returns the tag of this node.
func (c *Cluster) Tag() string { return c.tag }

// State returns the newest State.
func (c *Cluster) State() *State { return c.published.Load().state }

// Term returns the term of the leader who decided the newest State.
func (c *Cluster) Term() uint64 { return c.published.Load().term }

// Changed returns the newest State and a channel that is closed when there is a newer one.
func (c *Cluster) Changed() (*State, <-chan struct{}) {
	p := c.published.Load()
	return p.state, p.next
}

// Failed returns why no decision is possible any more, or nil.
func (c *Cluster) Failed() error {
	select {
	case <-c.done:
		return c.failed
	default:
		return nil
	}
}

// Stats are figures of one moment.
type Stats struct {
	Index     uint64 // of the newest State
	Databases int    // also those being deleted
	Storage   storage.Stats
}

// Stats reads the figures.
func (c *Cluster) Stats() Stats {
	s := c.State()
	return Stats{Index: s.Index, Databases: len(s.databases), Storage: c.env.Stats()}
}

// publish makes s the newest State and rings. Only the raft loop calls it.
func (c *Cluster) publish(s *State, term uint64) {
	before := c.published.Swap(&published{state: s, term: term, next: make(chan struct{})})
	close(before.next)
}

// WaitIndex returns when this node has applied the log up to index. Errors: that of ctx, *ClosedError, *FailedError.
func (c *Cluster) WaitIndex(ctx context.Context, index uint64) error {
	for {
		s, changed := c.Changed()
		if s.Index >= index {
			return nil
		}
		select {
		case <-changed:
		case <-c.done:
			return c.ended()
		case <-ctx.Done():
			return fmt.Errorf("wait for cluster index %d: %w", index, ctx.Err())
		}
	}
}

// Propose puts p's command into the log and returns what became of it once it is applied here. Propose sets p.At and
// p.Ticket, and the ids of a CreateDatabase that has none. A refused command's error is returned as such.
//
// When ctx ends first, its error is returned and the command may still be decided: repeat it with the same RequestID.
// Other errors: *CommandTooLargeError, *ClosedError, *FailedError.
func (c *Cluster) Propose(ctx context.Context, p Proposal) (Result, error) {
	waiting, err := c.prepare(p)
	if err != nil {
		return Result{}, err
	}
	select {
	case c.proposals <- waiting:
	case <-c.done:
		return Result{}, c.ended()
	case <-ctx.Done():
		return Result{}, fmt.Errorf("propose %s: %w", p.Command.kind(), ctx.Err())
	}
	select {
	case result := <-waiting.answer:
		return result, result.Err
	case <-c.done:
		return c.lastWord(waiting)
	case <-ctx.Done():
		return Result{}, fmt.Errorf("propose %s: %w", p.Command.kind(), ctx.Err())
	}
}

// lastWord returns the answer that came just before the loop ended, if any.
func (c *Cluster) lastWord(waiting *pending) (Result, error) {
	select {
	case result := <-waiting.answer:
		return result, result.Err
	default:
		return Result{}, c.ended()
	}
}

// ended says why the loop has ended. c.done must be closed.
func (c *Cluster) ended() error {
	if c.failed != nil {
		return &FailedError{Cause: c.failed}
	}
	return &ClosedError{}
}

// prepare refuses what cannot be decided in any State, puts time and chance into p, and encodes it.
func (c *Cluster) prepare(p Proposal) (*pending, error) {
	if len(p.RequestID) > requestIDBytesMax {
		return nil, &InvalidCommandError{Field: "raft-request-id", Why: fmt.Sprintf("is longer than %d bytes", requestIDBytesMax)}
	}
	if cmd, ok := p.Command.(CreateDatabase); ok {
		if err := ValidateName(cmd.Name); err != nil {
			return nil, err
		}
		p.Command = c.withIDs(cmd)
	}
	if cmd, ok := p.Command.(valueCommand); ok {
		if err := cmd.check(); err != nil {
			return nil, err
		}
	}
	p.At, p.Ticket = c.now().UTC(), c.newTicket()
	data, err := AppendProposal(nil, p)
	if err != nil {
		return nil, err
	}
	if len(data) > c.commandBytesMax {
		return nil, &CommandTooLargeError{Bytes: len(data), BytesMax: c.commandBytesMax}
	}
	return &pending{ticket: p.Ticket, data: data, answer: make(chan Result, 1)}, nil
}

func (c *Cluster) withIDs(cmd CreateDatabase) CreateDatabase {
	c.randMu.Lock()
	defer c.randMu.Unlock()
	for _, id := range []*string{&cmd.DatabaseID, &cmd.TopologyID, &cmd.ClusterTransactionID} {
		if *id == "" {
			*id = newDatabaseID(c.rand)
		}
	}
	return cmd
}

// newTicket returns a number that no other proposal in the log is likely to have, not even one from before a restart.
func (c *Cluster) newTicket() uint64 {
	c.randMu.Lock()
	defer c.randMu.Unlock()
	return max(c.rand.Uint64(), 1)
}
