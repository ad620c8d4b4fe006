package workload

import (
	"errors"
	"fmt"
	"time"
)

const bulkBatch = 1000

// bulkCount is how many documents bulk stores.
func (c *Config) bulkCount() uint64 {
	if c.Short {
		return 100_000
	}
	return 1_000_000
}

// bulk fills the database, as every other workload needs it full.
func (r *round) bulk() error {
	before, counted := bytesToDisk()
	began := time.Now()
	if err := r.load(r.config.bulkCount(), r.engine.Commit, appendKey); err != nil {
		return err
	}
	r.add(Bulk, "1/s", float64(r.loaded)/time.Since(began).Seconds())
	if !r.config.wants(WrittenBulk, FileLoad, DiskLoad) {
		return nil
	}
	if err := r.engine.Settle(); err != nil {
		return err
	}
	if after, ok := bytesToDisk(); ok && counted {
		r.add(WrittenBulk, "x", float64(after-before)/r.dataBytes())
	}
	return nil
}

// dataBytes is what the loaded keys and documents are together.
func (r *round) dataBytes() float64 { return float64(r.loaded) * (keyBytes + documentBytes) }

// disk measures how much room the files take.
func (r *round) disk() error {
	all := []string{r.dir}
	data := all
	if e, ok := r.engine.(Separate); ok {
		data = e.DataFiles()
	}
	for _, w := range []struct {
		name  string
		paths []string
	}{{FileLoad, data}, {DiskLoad, all}} {
		var total int64
		for _, path := range w.paths {
			bytes, err := allocatedBytes(path)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			total += bytes
		}
		r.add(w.name, "x", float64(total)/r.dataBytes())
	}
	return nil
}

// bulkInOrder is bulk with keys in ascending order.
func (r *round) bulkInOrder() error {
	began := time.Now()
	if err := r.load(r.config.bulkCount(), r.engine.Commit, appendAscendingKey); err != nil {
		return err
	}
	r.add(BulkInOrder, "1/s", float64(r.loaded)/time.Since(began).Seconds())
	return nil
}

// load commits batches of documents until there are count.
func (r *round) load(count uint64, commit func([]Row) error, appendKey func([]byte, uint64) []byte) error {
	rows := make([]Row, bulkBatch)
	for r.loaded < count {
		for i := range rows {
			rows[i].Key = appendKey(rows[i].Key[:0], r.loaded+uint64(i))
			rows[i].Value = r.documents.appendTo(rows[i].Value[:0], r.loaded+uint64(i))
		}
		if err := commit(rows); err != nil {
			return fmt.Errorf("commit a batch after %d documents: %w", r.loaded, err)
		}
		r.loaded += bulkBatch
	}
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
