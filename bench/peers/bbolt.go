package main

import (
	"fmt"
	"path/filepath"

	"go.etcd.io/bbolt"

	"github.com/rookerydb/rookery/bench/workload"
)

// boltEngine is bbolt as its users run it: one bucket, default options, a transaction for each call.
type boltEngine struct{ db *bbolt.DB }

func bucket() []byte { return []byte("bench") }

func openBbolt(dir string) (workload.Engine, error) {
	db, err := bbolt.Open(filepath.Join(dir, "bbolt"), 0o600, nil)
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(bucket())
		return err
	})
	return &boltEngine{db}, err
}

func (e *boltEngine) Commit(rows []workload.Row) error {
	return e.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket())
		for _, row := range rows {
			if err := b.Put(row.Key, row.Value); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *boltEngine) Get(key []byte, found func(value []byte)) error {
	return e.db.View(func(tx *bbolt.Tx) error {
		value := tx.Bucket(bucket()).Get(key)
		if value == nil {
			return fmt.Errorf("key %x is missing", key)
		}
		found(value)
		return nil
	})
}

func (e *boltEngine) Scan(each func(key, value []byte)) error {
	return e.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucket()).Cursor()
		for key, value := c.First(); key != nil; key, value = c.Next() {
			each(key, value)
		}
		return nil
	})
}

// Settle has nothing to do: a commit writes the pages themselves.
func (e *boltEngine) Settle() error { return nil }

func (e *boltEngine) Close() error { return e.db.Close() }
