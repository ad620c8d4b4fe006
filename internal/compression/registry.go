package compression

import (
	"iter"

	"github.com/rookerydb/rookery/internal/compression/zdict"
	"github.com/rookerydb/rookery/internal/storage"
)

// keyBytesMax is the longest key of the registry.
const keyBytesMax = 1 + zdict.NameBytesMax

// dictionaryIn returns a registered dictionary. Its Bytes lie in a page of tx.
func dictionaryIn(tx storage.Tx, id uint32) (d zdict.Dictionary, found bool, err error) {
	var key [1 + idBytes]byte
	record, found, err := registryValue(tx, appendDictionaryKey(key[:0], id))
	if err != nil || !found {
		return d, false, err
	}
	if d, err = zdict.DecodeDictionary(record); err != nil {
		return d, false, err
	}
	if d.ID != id {
		return d, false, &CorruptError{Dictionary: id, Why: "its record is of another one"}
	}
	return d, true, nil
}

// currentIn returns the id of the dictionary for new values of name; 0 when there is none.
func currentIn(tx storage.Tx, name string) (uint32, error) {
	var key [keyBytesMax]byte
	value, found, err := registryValue(tx, appendNameKey(key[:0], name))
	if err != nil || !found {
		return 0, err
	}
	return decodeID(value)
}

// nextIn returns the lowest id that no registered dictionary had.
func nextIn(tx storage.Tx) (uint32, error) {
	value, found, err := registryValue(tx, []byte(stateKey))
	if err != nil || !found {
		return 1, err
	}
	return decodeState(value)
}

// usageIn returns what is known of a dictionary; found is false when it is not registered.
func usageIn(tx storage.Tx, id uint32) (u usage, found bool, err error) {
	tree, found := tx.FixedTree(valuesTree)
	if !found {
		return u, false, nil
	}
	value, found, err := tree.Get(uint64(id))
	if err != nil || !found {
		return u, false, err
	}
	if len(value) != usageBytes {
		return u, false, &CorruptError{Dictionary: id, Why: "its count does not have 16 bytes"}
	}
	return decodeUsage(value), true, nil
}

func registryValue(tx storage.Tx, key []byte) (value []byte, found bool, err error) {
	tree, found := tx.Tree(registryTree)
	if !found {
		return nil, false, nil
	}
	return tree.Get(key)
}

// dictionariesIn yields the registered dictionaries by id; their Bytes lie in pages of tx. A damaged one is an error, after
// which it goes on; damage of the tree is an error, after which it ends.
func dictionariesIn(tx storage.Tx) iter.Seq2[zdict.Dictionary, error] {
	return func(yield func(zdict.Dictionary, error) bool) {
		tree, found := tx.Tree(registryTree)
		if !found {
			return
		}
		c := tree.Cursor()
		for ok := c.Seek([]byte{dictionaryKey}); ok && c.Key()[0] == dictionaryKey; ok = c.Next() {
			value := c.Value()
			if c.Err() != nil {
				break
			}
			if !yield(zdict.DecodeDictionary(value)) {
				return
			}
		}
		if err := c.Err(); err != nil {
			yield(zdict.Dictionary{}, err)
		}
	}
}

// register makes d the dictionary for new values of its name.
func register(tx *storage.WriteTx, d zdict.Dictionary) error {
	next, err := nextIn(tx)
	if err != nil {
		return err
	}
	tree, err := tx.WriteTree(registryTree)
	if err != nil {
		return err
	}
	if err := tree.Put(appendDictionaryKey(nil, d.ID), zdict.AppendDictionary(nil, d)); err != nil {
		return err
	}
	id := appendDictionaryKey(nil, d.ID)[1:]
	if err := tree.Put(appendNameKey(nil, d.Name), id); err != nil {
		return err
	}
	if err := tree.Put([]byte(stateKey), appendState(nil, max(next, d.ID+1))); err != nil {
		return err
	}
	values, err := tx.WriteFixedTree(valuesTree, usageBytes)
	if err != nil {
		return err
	}
	return values.Put(uint64(d.ID), appendUsage(nil, usage{since: tx.ID()}))
}

// countValue notes that one value more, or less, needs dictionary id.
func countValue(tx *storage.WriteTx, id uint32, more bool) error {
	values, err := tx.WriteFixedTree(valuesTree, usageBytes)
	if err != nil {
		return err
	}
	stored, found, err := values.Get(uint64(id))
	if err != nil {
		return err
	}
	if !found {
		return &zdict.UnknownDictionaryError{ID: id}
	}
	u := decodeUsage(stored)
	switch {
	case more:
		u.values++
	case u.values == 0:
		return &CorruptError{Dictionary: id, Why: "more values were released than were compressed with it"}
	default:
		u.values--
	}
	var room [usageBytes]byte
	return values.Put(uint64(id), appendUsage(room[:0], u))
}

// dropUnused removes the dictionaries that no value needs and that no name uses for new ones. It returns how many.
func dropUnused(tx *storage.WriteTx) (int, error) {
	unused, err := unusedIn(tx)
	if err != nil || len(unused) == 0 {
		return 0, err
	}
	tree, err := tx.WriteTree(registryTree)
	if err != nil {
		return 0, err
	}
	values, err := tx.WriteFixedTree(valuesTree, usageBytes)
	if err != nil {
		return 0, err
	}
	for _, id := range unused {
		if _, err := tree.Delete(appendDictionaryKey(nil, id)); err != nil {
			return 0, err
		}
		if _, err := values.Delete(uint64(id)); err != nil {
			return 0, err
		}
	}
	return len(unused), nil
}

// unusedIn returns the ids of the dictionaries that may be dropped.
func unusedIn(tx storage.Tx) ([]uint32, error) {
	var unused []uint32
	for d, err := range dictionariesIn(tx) {
		if err != nil {
			return nil, err
		}
		current, err := currentIn(tx, d.Name)
		if err != nil {
			return nil, err
		}
		u, found, err := usageIn(tx, d.ID)
		if err != nil {
			return nil, err
		}
		if found && u.values == 0 && current != d.ID {
			unused = append(unused, d.ID)
		}
	}
	return unused, nil
}
