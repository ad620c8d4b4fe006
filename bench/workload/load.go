package workload

import (
	"errors"
	"fmt"
	"time"
)

const bulkBatch = 1000

// bulk fills the database, as every other workload needs it full.
func (r *round) bulk() error {
	count := uint64(1_000_000)
	if r.config.Short {
		count = 100_000
	}
	rows := make([]Row, bulkBatch)
	began := time.Now()
	for r.loaded < count {
		for i := range rows {
			rows[i].Key = appendKey(rows[i].Key[:0], r.loaded+uint64(i))
			rows[i].Value = r.documents.appendTo(rows[i].Value[:0], r.loaded+uint64(i))
		}
		if err := r.engine.Commit(rows); err != nil {
			return fmt.Errorf("commit a batch after %d documents: %w", r.loaded, err)
		}
		r.loaded += bulkBatch
	}
	r.add(Bulk, "1/s", float64(count)/time.Since(began).Seconds())
	return nil
}

// scan reads everything in order, over and over for at least a third of the usual span.
func (r *round) scan() error {
	if !r.config.wants(Scan) {
		return nil
	}
	began := time.Now()
	var rows uint64
	for rows == 0 || time.Since(began) < r.config.span()/3 {
		var n, bytes uint64
		err := r.engine.Scan(func(key, value []byte) {
			n++
			bytes += uint64(len(key)) + uint64(len(value)) + uint64(value[0]&1) // touches the value
		})
		if err != nil {
			return fmt.Errorf("scan: %w", err)
		}
		if n != r.loaded || bytes < n*documentBytes {
			return errors.New("scan: found other rows than were stored")
		}
		rows += n
	}
	r.add(Scan, "1/s", float64(rows)/time.Since(began).Seconds())
	return nil
}
