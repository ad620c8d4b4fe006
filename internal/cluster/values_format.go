package cluster

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// The rows of databases in the environment of the log; docs/format/cluster-values.md says the same. All numbers are big
// endian. Every key begins with the id of a database, 22 characters: a database that is made anew under an old name has
// another id, and so nothing of the old one.
//
// The table of compare-exchange values:
//
//	field  bytes  what
//	0      …      database id, then the key in lower case
//	1      …      key as it was first given
//	2      8      log index of the last change
//	3      8      when it expires: 100 ns steps since 1970; 0 when it does not
//	4      …      the value, JSON: {"Object":…,"@metadata":{…}}
const (
	exchangeTable  = "compare-exchange"
	exchangeKind   = 32 // rows of documents have 1 and 2
	exchangeFields = 5

	exchangeKeyField     = 0
	exchangeNameField    = 1
	exchangeIndexField   = 2
	exchangeExpiresField = 3
	exchangeValueField   = 4
)

// The trees beside it:
//
//	tree                     key                                         value
//	compare-exchange.expiry  database id, expiry (8), key in lower case  empty
//	identities               database id, name in lower case             last number given (8), name as first given
//	value-counts             database id                                 compare-exchange values (8), identities (8)
//	value-requests           request id                                  log index (8), outcome as JSON
//	value-request-order      log index (8)                               request id
//	values-gone              database id                                 empty: the database is gone, its rows are being removed
//	values                   "applied"                                   log index (8) of the last entry whose effect is here
const (
	expiryTree       = "compare-exchange.expiry"
	identitiesTree   = "identities"
	countsTree       = "value-counts"
	requestsTree     = "value-requests"
	requestOrderTree = "value-request-order"
	goneTree         = "values-gone"
	valuesTree       = "values"

	appliedKey = "applied"

	databaseIDBytes = 22
	numberBytes     = 8
	countsBytes     = 16

	stepsPerSecond = 10_000_000
)

// newExchangeTable returns the table with scratch memory of its own: one for each goroutine that writes.
func newExchangeTable() *table.Table {
	return table.New(table.Schema{
		Name: exchangeTable, Kind: exchangeKind, Fields: exchangeFields,
		Primary: table.Index{Name: "key", Fields: []int{exchangeKeyField}},
	})
}

// valueKey is the key of a row: the database, then what is compared of the name.
func valueKey(databaseID, name string) []byte {
	return append([]byte(databaseID), strings.ToLower(name)...)
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// decodeNumber reads a number that stands at the beginning of b.
func decodeNumber(what string, b []byte) (n uint64, rest []byte, err error) {
	if len(b) < numberBytes {
		return 0, nil, &DecodeError{What: what, Cause: fmt.Errorf("%d bytes, want %d or more", len(b), numberBytes)}
	}
	return binary.BigEndian.Uint64(b), b[numberBytes:], nil
}

// expirySteps is t as rows hold it. A time before 1970, which parseExpires never gives, is as good as the first moment after it.
func expirySteps(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	if t.Unix() < 0 {
		return 1
	}
	if t.Unix() >= math.MaxInt64/stepsPerSecond {
		return math.MaxInt64
	}
	return max(uint64(t.Unix())*stepsPerSecond+uint64(t.Nanosecond())/100, 1)
}

// expiryTime is the time that expirySteps wrote.
func expiryTime(steps uint64) time.Time {
	if steps == 0 {
		return time.Time{}
	}
	return time.Unix(int64(steps/stepsPerSecond), int64(steps%stepsPerSecond)*100).UTC()
}

// expiryKey leads from the time at which a value expires to its row.
func expiryKey(rowKey []byte, steps uint64) []byte {
	key := append([]byte(nil), rowKey[:databaseIDBytes]...)
	return append(binary.BigEndian.AppendUint64(key, steps), rowKey[databaseIDBytes:]...)
}

// CompareExchange is one compare-exchange value.
type CompareExchange struct {
	Key     string // as it was first given
	Index   uint64 // log index of the last change
	Expires time.Time
	Value   []byte // JSON: {"Object":…}, with "@metadata" when it has any; a copy
}

// decodeExchange copies a row.
func decodeExchange(r *table.Row) (CompareExchange, error) {
	index, rest1, err1 := decodeNumber("compare-exchange value", r.Field(exchangeIndexField))
	steps, rest2, err2 := decodeNumber("compare-exchange value", r.Field(exchangeExpiresField))
	if err1 != nil || err2 != nil || len(rest1)+len(rest2) > 0 {
		return CompareExchange{}, &DecodeError{What: "compare-exchange value", Cause: fmt.Errorf("a number does not have %d bytes", numberBytes)}
	}
	return CompareExchange{
		Key: string(r.Field(exchangeNameField)), Index: index, Expires: expiryTime(steps),
		Value: append([]byte(nil), r.Field(exchangeValueField)...),
	}, nil
}

// Identity is a counter that ids are made with.
type Identity struct {
	Name string // as it was first given, with "|" at the end
	Last int64  // number given last; 0 when none was
}

func decodeIdentity(value []byte) (Identity, error) {
	n, name, err := decodeNumber("identity", value)
	if err == nil && n > math.MaxInt64 {
		err = &DecodeError{What: "identity", Cause: fmt.Errorf("%d is too large", n)}
	}
	return Identity{Name: string(name), Last: int64(n)}, err
}

// treeValue returns what stands under key, in place.
func treeValue(tx storage.Tx, tree string, key []byte) ([]byte, bool, error) {
	view, ok := tx.Tree(tree)
	if !ok {
		return nil, false, nil
	}
	return view.Get(key)
}

// valueCounts are how many rows a database has.
type valueCounts struct{ exchange, identities uint64 }

func readCounts(tx storage.Tx, databaseID string) (c valueCounts, err error) {
	b, ok, err := treeValue(tx, countsTree, []byte(databaseID))
	if err != nil || !ok {
		return c, err
	}
	if len(b) != countsBytes {
		return c, &DecodeError{What: "counts of values", Cause: fmt.Errorf("%d bytes, want %d", len(b), countsBytes)}
	}
	return valueCounts{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[numberBytes:])}, nil
}
