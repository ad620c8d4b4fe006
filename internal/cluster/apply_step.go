package cluster

import (
	"fmt"

	"go.etcd.io/raft/v3/raftpb"
)

// applyStep applies the entries of one Ready: to a State that becomes the loop's when all went well, and to rows in one
// transaction, which begins with the first entry that needs it.
type applyStep struct {
	loop    *raftLoop
	state   *State
	term    uint64
	results map[uint64]Result // by ticket
	writer  *valueWriter      // nil while nothing needs rows
}

// run applies entries, and makes durable what it did to rows. After an error everything is as before.
func (a *applyStep) run(entries []*raftpb.Entry) error {
	for _, e := range entries {
		if err := a.apply(e); err != nil {
			if a.writer != nil {
				a.writer.tx.Rollback()
			}
			return err
		}
	}
	if a.writer == nil {
		return nil
	}
	return a.loop.values.commit(a.writer)
}

// apply moves past e and notes the result by its ticket. An error means that e cannot be understood, or is the disk's.
func (a *applyStep) apply(e *raftpb.Entry) error {
	entry := Entry{Index: e.GetIndex(), Term: e.GetTerm()}
	switch {
	case e.GetType() != raftpb.EntryNormal:
		return &DecodeError{What: "cluster command", Cause: fmt.Errorf("entry %d changes the members, which this version never does", e.GetIndex())}
	case len(e.GetData()) > 0:
		p, err := DecodeProposal(e.GetData())
		if err != nil {
			return fmt.Errorf("apply entry %d: %w", e.GetIndex(), err)
		}
		entry.Proposal = p
	}
	a.term = entry.Term
	before := a.state
	var result Result
	a.state, result = Apply(a.state, entry)
	if entry.Index > a.loop.values.applied {
		if err := a.applyToRows(before, entry, &result); err != nil {
			return fmt.Errorf("apply entry %d: %w", entry.Index, err)
		}
	}
	if entry.Ticket != 0 {
		a.results[entry.Ticket] = result
	}
	return nil
}

// applyToRows does what e means for rows, where it means anything.
func (a *applyStep) applyToRows(before *State, e Entry, result *Result) (err error) {
	switch cmd := e.Command.(type) {
	case valueCommand:
		if err = a.needWriter(); err == nil {
			*result, err = a.writer.run(before, cmd, e)
		}
	case ConfirmDeletion:
		d, was := before.databases[Key(cmd.Name)]
		if _, is := a.state.databases[Key(cmd.Name)]; !was || is {
			return nil
		}
		if err = a.needWriter(); err == nil {
			a.writer.applied = e.Index
			err = a.writer.markGone(d.ID)
		}
	}
	return err
}

func (a *applyStep) needWriter() (err error) {
	if a.writer == nil {
		a.writer, err = a.loop.values.begin()
	}
	return err
}
