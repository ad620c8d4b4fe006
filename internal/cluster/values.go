package cluster

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// values is what the raft loop knows of the rows beside the State. For one goroutine.
//
// Entries are applied to the rows once: a transaction that changes rows also moves applied, so that a log that is read again after a restart
// leaves alone what is there already.
type values struct {
	env     *storage.Env
	table   *table.Table
	applied uint64 // last entry whose effect is in the rows
	gone    bool   // there may be rows of databases that are gone
}

func openValues(env *storage.Env) (*values, error) {
	v := &values{env: env, table: newExchangeTable()}
	err := env.View(func(tx *storage.ReadTx) error {
		b, ok, err := treeValue(tx, valuesTree, []byte(appliedKey))
		if err == nil && ok {
			v.applied, _, err = decodeNumber("applied index of values", b)
		}
		view, ok := tx.Tree(goneTree)
		v.gone = ok && view.Entries() > 0
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open values: %w", err)
	}
	return v, nil
}

// valueOutcome is what became of a valueCommand, as it is kept for a repeated request.
type valueOutcome struct {
	Exchange *ExchangeOutcome `json:",omitempty"`
	Numbers  []int64          `json:",omitempty"`
}

// ExchangeOutcome is what became of a put or delete of a compare-exchange value.
type ExchangeOutcome struct {
	Successful bool
	// Index is the value's: the new one, or the one that was in the way. Where there is none it is that of the command.
	Index uint64
	// Value is the JSON that was put or deleted, or was in the way; nil where there is none. A delete that is repeated
	// under its request id does not have it any more.
	Value json.RawMessage `json:"-"`
}

// valueWriter changes rows in one transaction, for a run of log entries.
type valueWriter struct {
	tx      *storage.WriteTx
	table   *table.Table
	applied uint64
	id      string // of the database of the entry at hand
	gone    bool   // some database went
}

// begin starts a transaction.
func (v *values) begin() (*valueWriter, error) {
	tx, err := v.env.Write()
	if err != nil {
		return nil, fmt.Errorf("begin a write of values: %w", err)
	}
	return &valueWriter{tx: tx, table: v.table, applied: v.applied}, nil
}

// commit makes what w did durable.
func (v *values) commit(w *valueWriter) error {
	if err := w.put(valuesTree, []byte(appliedKey), number(w.applied)); err != nil {
		w.tx.Rollback()
		return err
	}
	if err := w.tx.Commit(); err != nil {
		return fmt.Errorf("commit values: %w", err)
	}
	v.applied, v.gone = w.applied, v.gone || w.gone
	return nil
}

// run applies e's command, once. err is the disk's; the transaction must be dropped then.
func (w *valueWriter) run(s *State, cmd valueCommand, e Entry) (Result, error) {
	w.applied = e.Index
	before, ok, err := w.findRequest(e.RequestID)
	if err != nil || ok {
		return before, w.completeRepeated(s, cmd, &before, err)
	}
	d, err := s.find(cmd.database())
	if err == nil {
		err = cmd.check()
	}
	if err != nil {
		return Result{Index: e.Index, Err: err}, nil
	}
	w.id = d.ID
	out, refused, err := cmd.apply(w, e)
	if refused != nil || err != nil {
		return Result{Index: e.Index, Err: refused}, err
	}
	result := Result{Index: e.Index, Exchange: out.Exchange, Numbers: out.Numbers}
	return result, w.remember(e.RequestID, e.Index, out)
}

// completeRepeated gives a repeated request the value that belongs to its outcome and is not kept with it.
func (w *valueWriter) completeRepeated(s *State, cmd valueCommand, before *Result, err error) error {
	put, isPut := cmd.(PutCompareExchange)
	if err != nil || before.Exchange == nil {
		return err
	}
	if before.Exchange.Successful {
		if isPut {
			before.Exchange.Value = put.Value
		}
		return nil
	}
	d, ok := s.Database(cmd.database())
	if !ok {
		return nil
	}
	var key string
	switch c := cmd.(type) {
	case PutCompareExchange:
		key = c.Key
	case DeleteCompareExchange:
		key = c.Key
	default:
		return nil
	}
	w.id = d.ID
	now, ok, err := w.exchange(key)
	if err == nil && ok {
		before.Exchange.Index, before.Exchange.Value = now.Index, now.Value
	}
	return err
}

func (w *valueWriter) findRequest(id string) (Result, bool, error) {
	if id == "" {
		return Result{}, false, nil
	}
	b, ok, err := treeValue(w.tx, requestsTree, []byte(id))
	if err != nil || !ok {
		return Result{}, false, err
	}
	index, text, err := decodeNumber("request", b)
	var out valueOutcome
	if err == nil {
		if cause := json.Unmarshal(text, &out); cause != nil {
			err = &DecodeError{What: "request", Cause: cause}
		}
	}
	return Result{Index: index, Exchange: out.Exchange, Numbers: out.Numbers}, true, err
}

// remember keeps the outcome of a request, and forgets the oldest beyond valueRequestsMax.
func (w *valueWriter) remember(id string, index uint64, out valueOutcome) error {
	if id == "" {
		return nil
	}
	if err := w.put(requestsTree, []byte(id), append(number(index), mustMarshal(out)...)); err != nil {
		return err
	}
	order, err := w.tx.WriteTree(requestOrderTree)
	if err != nil {
		return err
	}
	if err := order.Put(number(index), []byte(id)); err != nil {
		return err
	}
	if order.View().Entries() <= valueRequestsMax {
		return nil
	}
	c := order.View().Cursor()
	if !c.First() {
		return c.Err()
	}
	oldest, oldID := append([]byte(nil), c.Key()...), append([]byte(nil), c.Value()...)
	if _, err := order.Delete(oldest); err != nil {
		return err
	}
	return w.delete(requestsTree, oldID)
}

// exchange returns the value of key in the database at hand.
func (w *valueWriter) exchange(key string) (CompareExchange, bool, error) {
	row, ok, err := w.table.Get(w.tx, valueKey(w.id, key))
	if err != nil || !ok {
		return CompareExchange{}, false, err
	}
	value, err := decodeExchange(&row)
	return value, true, err
}

func (c PutCompareExchange) apply(w *valueWriter, e Entry) (valueOutcome, error, error) {
	now, exists, err := w.exchange(c.Key)
	if err != nil {
		return valueOutcome{}, nil, err
	}
	if c.Index != now.Index { // that of a missing one is 0
		return refusedExchange(now, exists, e), nil, nil
	}
	name := c.Key
	if exists {
		name = now.Key
	}
	if err := w.putExchange(name, e.Index, c, now, exists); err != nil {
		return valueOutcome{}, nil, err
	}
	return valueOutcome{Exchange: &ExchangeOutcome{Successful: true, Index: e.Index, Value: c.Value}}, nil, nil
}

// refusedExchange is the outcome of a command that took another value for granted than now.
func refusedExchange(now CompareExchange, exists bool, e Entry) valueOutcome {
	out := &ExchangeOutcome{Index: e.Index}
	if exists {
		out.Index, out.Value = now.Index, now.Value
	}
	return valueOutcome{Exchange: out}
}

func (w *valueWriter) putExchange(name string, index uint64, c PutCompareExchange, old CompareExchange, exists bool) error {
	key, steps := valueKey(w.id, name), expirySteps(c.Expires)
	if err := w.dropExpiry(key, old); err != nil {
		return err
	}
	if steps != 0 {
		if err := w.put(expiryTree, expiryKey(key, steps), nil); err != nil {
			return err
		}
	}
	if !exists {
		if err := w.count(1, 0); err != nil {
			return err
		}
	}
	return w.table.Put(w.tx, [][]byte{
		exchangeKeyField: key, exchangeNameField: []byte(name), exchangeIndexField: number(index),
		exchangeExpiresField: number(steps), exchangeValueField: c.Value,
	})
}

func (w *valueWriter) dropExpiry(key []byte, old CompareExchange) error {
	if old.Expires.IsZero() {
		return nil
	}
	return w.delete(expiryTree, expiryKey(key, expirySteps(old.Expires)))
}

func (c DeleteCompareExchange) apply(w *valueWriter, e Entry) (valueOutcome, error, error) {
	now, exists, err := w.exchange(c.Key)
	if err != nil {
		return valueOutcome{}, nil, err
	}
	if !exists || c.Index != now.Index {
		return refusedExchange(now, exists, e), nil, nil
	}
	if err := w.deleteExchange(now); err != nil {
		return valueOutcome{}, nil, err
	}
	return valueOutcome{Exchange: &ExchangeOutcome{Successful: true, Index: e.Index, Value: now.Value}}, nil, nil
}

func (w *valueWriter) deleteExchange(old CompareExchange) error {
	key := valueKey(w.id, old.Key)
	if err := w.dropExpiry(key, old); err != nil {
		return err
	}
	if _, err := w.table.Delete(w.tx, key); err != nil {
		return err
	}
	return w.count(-1, 0)
}

func (ExpireCompareExchange) apply(w *valueWriter, e Entry) (valueOutcome, error, error) {
	removed := int64(0)
	for ; removed < expireMax; removed++ {
		key, due, err := firstExpiry(w.tx, w.id)
		if err != nil {
			return valueOutcome{}, nil, err
		}
		if key == nil || due.After(e.At) {
			break
		}
		old, ok, err := w.exchange(string(key[databaseIDBytes+numberBytes:]))
		if err == nil && !ok {
			err = &DecodeError{What: "expiry of a compare-exchange value", Cause: fmt.Errorf("there is no value %q", key)}
		}
		if err == nil {
			err = w.deleteExchange(old)
		}
		if err != nil {
			return valueOutcome{}, nil, err
		}
	}
	return valueOutcome{Numbers: []int64{removed}}, nil, nil
}

func (c NextIdentities) apply(w *valueWriter, _ Entry) (valueOutcome, error, error) {
	for _, take := range c.Takes { // all or none
		now, _, err := w.identity(take.Identity)
		if err != nil {
			return valueOutcome{}, nil, err
		}
		if now.Last > math.MaxInt64-math.MaxInt32*int64(len(c.Takes)) {
			return valueOutcome{}, &InvalidCommandError{Field: take.Identity, Why: "has no numbers left"}, nil
		}
	}
	out := valueOutcome{Numbers: make([]int64, len(c.Takes))}
	for i, take := range c.Takes {
		now, exists, err := w.identity(take.Identity)
		if err != nil {
			return valueOutcome{}, nil, err
		}
		now.Last += take.Count
		if err := w.putIdentity(now, exists); err != nil {
			return valueOutcome{}, nil, err
		}
		out.Numbers[i] = now.Last
	}
	return out, nil, nil
}

func (c SeedIdentity) apply(w *valueWriter, _ Entry) (valueOutcome, error, error) {
	now, exists, err := w.identity(c.Identity)
	if err != nil {
		return valueOutcome{}, nil, err
	}
	if c.Force || !exists || c.Value > now.Last {
		now.Last = c.Value
		if err := w.putIdentity(now, exists); err != nil {
			return valueOutcome{}, nil, err
		}
	}
	return valueOutcome{Numbers: []int64{now.Last}}, nil, nil
}

// identity returns the counter called name; one that does not exist has given nothing.
func (w *valueWriter) identity(name string) (Identity, bool, error) {
	b, ok, err := treeValue(w.tx, identitiesTree, valueKey(w.id, name))
	if err != nil || !ok {
		return Identity{Name: name}, false, err
	}
	now, err := decodeIdentity(b)
	return now, true, err
}

func (w *valueWriter) putIdentity(now Identity, exists bool) error {
	if !exists {
		if err := w.count(0, 1); err != nil {
			return err
		}
	}
	return w.put(identitiesTree, valueKey(w.id, now.Name), append(number(uint64(now.Last)), now.Name...))
}

// count moves the counts of the database at hand.
func (w *valueWriter) count(exchange, identities int64) error {
	c, err := readCounts(w.tx, w.id)
	if err != nil {
		return err
	}
	c.exchange += uint64(exchange)
	c.identities += uint64(identities)
	return w.put(countsTree, []byte(w.id), append(number(c.exchange), number(c.identities)...))
}

func (w *valueWriter) put(tree string, key, value []byte) error {
	t, err := w.tx.WriteTree(tree)
	if err != nil {
		return err
	}
	return t.Put(key, value)
}

func (w *valueWriter) delete(tree string, key []byte) error {
	t, err := w.tx.WriteTree(tree)
	if err != nil {
		return err
	}
	_, err = t.Delete(key)
	return err
}
