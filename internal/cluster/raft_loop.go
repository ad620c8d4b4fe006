package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"github.com/rookerydb/rookery/internal/raftstore"
	"github.com/rookerydb/rookery/internal/storage"
)

// raftLoop drives the Raft library: it saves what must be durable, applies what was decided, and answers proposers. All
// of it belongs to one goroutine.
type raftLoop struct {
	node    *raft.RawNode
	store   *raftstore.Store
	tag     string
	ticks   <-chan time.Time
	log     *slog.Logger
	members *raftpb.ConfState // as of the last applied entry

	values  *values
	state   *State
	term    uint64 // of the last applied entry
	publish func(*State, uint64)
	waiting map[uint64]*pending // by ticket: proposed, not yet applied

	snapshotEvery uint64
	snapshotIndex uint64 // of the newest snapshot
}

// newRaftLoop opens the log in env, or begins one, and brings the State up to date.
func newRaftLoop(env *storage.Env, o Options) (*raftLoop, error) {
	store, err := raftstore.Open(env)
	if err != nil {
		return nil, err
	}
	if store.IsEmpty() {
		if err := begin(store, o); err != nil {
			return nil, err
		}
	}
	snap, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	state, err := DecodeState(snap.GetData())
	if err != nil {
		return nil, err
	}
	values, err := openValues(env)
	if err != nil {
		return nil, err
	}
	l := &raftLoop{
		store: store, values: values, tag: state.Nodes[0].Tag, ticks: o.Ticks, log: o.Logger, members: snap.GetMetadata().GetConfState(),
		state: state, term: snap.GetMetadata().GetTerm(), publish: func(*State, uint64) {}, waiting: map[uint64]*pending{},
		snapshotEvery: uint64(o.SnapshotEvery), snapshotIndex: snap.GetMetadata().GetIndex(),
	}
	l.node, err = raft.NewRawNode(&raft.Config{
		ID: raftID(l.tag), ElectionTick: electionTicks, HeartbeatTick: electionTicks / 3, Storage: store,
		Applied: l.snapshotIndex, MaxSizePerMsg: messageBytesMax, MaxInflightMsgs: proposalsWaiting,
		CheckQuorum: true, PreVote: true, Logger: raftLogger{o.Logger},
	})
	if err != nil {
		return nil, fmt.Errorf("start raft: %w", err)
	}
	return l, l.catchUp()
}

// begin writes the snapshot that a new cluster of one starts from: its only node, and an id.
func begin(store *raftstore.Store, o Options) error {
	if !validTag(o.NodeTag) {
		return &InvalidCommandError{Field: "NodeTag", Why: fmt.Sprintf("%q is not 1 to %d upper-case letters", o.NodeTag, tagBytesMax)}
	}
	state := newState(newGUID(o.Rand), Node{Tag: o.NodeTag, URL: o.NodeURL})
	snap := &raftpb.Snapshot{
		Data: AppendState(nil, state),
		Metadata: &raftpb.SnapshotMetadata{
			Index: new(state.Index), Term: new(uint64(1)), ConfState: &raftpb.ConfState{Voters: []uint64{raftID(o.NodeTag)}},
		},
	}
	return store.Save(raftstore.Batch{
		Snapshot:  snap,
		HardState: &raftpb.HardState{Term: new(uint64(1)), Vote: new(uint64(0)), Commit: new(state.Index)},
	})
}

// catchUp makes the only voter elect itself, and applies the log to its end.
func (l *raftLoop) catchUp() error {
	if len(l.members.GetVoters()) == 1 {
		if err := l.node.Campaign(); err != nil {
			return fmt.Errorf("campaign: %w", err)
		}
	}
	for l.node.HasReady() {
		ready := l.node.Ready()
		if err := l.save(&ready); err != nil {
			return err
		}
		if err := l.finish(&ready); err != nil {
			return err
		}
	}
	return nil
}

// run is the only goroutine that writes to the log's environment. It ends with ctx (nil), or when the log cannot go on.
func (l *raftLoop) run(ctx context.Context, proposals <-chan *pending) error {
	for {
		for l.node.HasReady() {
			if err := l.handleReady(ctx); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return nil
			}
		}
		idle, err := l.clear()
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.ticks:
			l.node.Tick()
		case p := <-proposals:
			l.propose(p)
			l.proposeQueued(proposals)
		case <-idle:
		}
	}
}

// clear removes some of what is left of databases that are gone. The channel it returns is closed while there is more to do,
// so that the loop comes back as soon as nobody waits; a full disk puts it off until something else has happened.
func (l *raftLoop) clear() (<-chan struct{}, error) {
	if !l.values.gone {
		return nil, nil
	}
	err := l.values.clearStep()
	if _, full := errors.AsType[*storage.DiskFullError](err); full {
		return nil, nil
	}
	more := make(chan struct{})
	close(more)
	return more, err
}

// proposeQueued takes what else is there, so that all of it shares one durable write.
func (l *raftLoop) proposeQueued(proposals <-chan *pending) {
	for range proposalsWaiting {
		select {
		case p := <-proposals:
			l.propose(p)
		default:
			return
		}
	}
}

func (l *raftLoop) propose(p *pending) {
	if err := l.node.Propose(p.data); err != nil {
		p.answer <- Result{Err: &FailedError{Cause: err}}
		return
	}
	l.waiting[p.ticket] = p
}

// handleReady does what one Ready asks: save, then apply, then tell the library.
func (l *raftLoop) handleReady(ctx context.Context) error {
	ready := l.node.Ready()
	if stopped, err := l.untilRoom(ctx, func() error { return l.save(&ready) }); stopped || err != nil {
		return err
	}
	_, err := l.untilRoom(ctx, func() error { return l.finish(&ready) })
	return err
}

// untilRoom does a step, which changes nothing when it fails for want of room: while the disk is full it tries again at each tick, and
// the proposers wait no longer than their ctx says. It reports stopped when ctx ended meanwhile.
func (l *raftLoop) untilRoom(ctx context.Context, step func() error) (stopped bool, err error) {
	for waits := 0; ; waits++ {
		err := step()
		if _, full := errors.AsType[*storage.DiskFullError](err); !full {
			return false, err
		}
		if waits == 0 {
			l.log.Warn("cluster log waits for room on the disk", "err", err)
		}
		select {
		case <-ctx.Done():
			return true, nil
		case <-l.ticks:
		}
	}
}

// save makes durable what has to be. A hard state that only moved the commit index is left for the next save: after a
// restart the leader finds it out anew (Ongaro, Consensus: Bridging Theory and Practice, 3.8).
func (l *raftLoop) save(ready *raft.Ready) error {
	if !ready.MustSync && raft.IsEmptySnap(ready.Snapshot) {
		return nil
	}
	return l.store.Save(raftstore.Batch{HardState: ready.HardState, Entries: ready.Entries, Snapshot: ready.Snapshot})
}

// finish applies what ready says is decided. On an error nothing has changed here or on disk.
func (l *raftLoop) finish(ready *raft.Ready) error {
	if !raft.IsEmptySnap(ready.Snapshot) {
		return &DecodeError{What: "cluster snapshot", Cause: errors.New("it came from another node, which this version never asks for: the rows of values are not in it")}
	}
	step := applyStep{loop: l, state: l.state, term: l.term, results: make(map[uint64]Result, len(ready.CommittedEntries))}
	if err := step.run(ready.CommittedEntries); err != nil {
		return err
	}
	before := l.state
	l.state, l.term = step.state, step.term
	if l.state != before {
		l.publish(l.state, l.term)
	}
	for ticket, result := range step.results {
		l.answer(ticket, result)
	}
	l.node.Advance(*ready)
	return l.checkpoint()
}

// answer tells the proposer, if it is one of this node since its start.
func (l *raftLoop) answer(ticket uint64, result Result) {
	if p, ok := l.waiting[ticket]; ok {
		delete(l.waiting, ticket)
		p.answer <- result
	}
}

// checkpoint replaces the log by a snapshot of the State when enough of it was applied. A full disk only puts it off.
func (l *raftLoop) checkpoint() error {
	if l.state.Index < l.snapshotIndex+l.snapshotEvery {
		return nil
	}
	err := l.store.Checkpoint(l.state.Index, l.members, AppendState(nil, l.state), l.state.Index)
	if _, full := errors.AsType[*storage.DiskFullError](err); full {
		return nil
	}
	if err == nil {
		l.snapshotIndex = l.state.Index
	}
	return err
}
