package table_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/table"
)

// churn is a table whose rows are replaced by others of the same sizes.
type churn struct {
	*env
	table  *table.Table
	random *rand.Rand
	sizes  []int // to draw a body from
	made   uint64
	live   []person
}

func (c *churn) add(t rapid.TB, n int) {
	t.Helper()
	for chunk := range slices.Chunk(make([]struct{}, n), 200) {
		c.update(t, func(tx *storage.WriteTx) error {
			for range chunk {
				c.made++
				p := person{
					key: fmt.Sprintf("people/%d", c.made*2654435761%1_000_003), number: c.made, town: fmt.Sprintf("%02d", c.made%50),
					name: fmt.Sprint(c.made), body: strings.Repeat("b", c.sizes[c.random.IntN(len(c.sizes))]),
				}
				if err := c.table.Put(tx, p.fields()); err != nil {
					return err
				}
				c.live = append(c.live, p)
			}
			return nil
		})
	}
}

// removeHalf deletes every other row, in no order.
func (c *churn) removeHalf(t rapid.TB) {
	t.Helper()
	c.random.Shuffle(len(c.live), func(i, j int) { c.live[i], c.live[j] = c.live[j], c.live[i] })
	half := len(c.live) / 2
	for chunk := range slices.Chunk(c.live[half:], 200) {
		c.update(t, func(tx *storage.WriteTx) error {
			for _, p := range chunk {
				if ok, err := c.table.Delete(tx, []byte(p.key)); err != nil || !ok {
					return fmt.Errorf("delete %s: %v, %w", p.key, ok, err)
				}
			}
			return nil
		})
	}
	c.live = c.live[:half]
}

func (c *churn) check(t rapid.TB) {
	t.Helper()
	c.view(t, func(tx storage.Tx) {
		for problem := range storage.Check(tx) {
			t.Errorf("storage: %v", problem)
		}
		for problem := range c.table.Check(tx) {
			t.Errorf("table: %v", problem)
		}
	})
}

// TestTable_ReusesFreedSpace: half of the rows go and as many of the same sizes come, again and again. However often, the file
// needs no more than half as many pages again as at first (trees fill to two thirds under keys in no order, and a page of rows
// takes only what fits its holes), and one section more, which is as large as all before it, and 512 pages at most.
func TestTable_ReusesFreedSpace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 4000), rapid.IntRange(0, 40_000)), 1, 5).Draw(t, "sizes")
		seed := rapid.Uint64().Draw(t, "seed")
		c := &churn{env: openEnv(t), table: newPeople(), random: rand.New(rand.NewPCG(seed, 1)), sizes: sizes}
		defer c.close(t)
		c.add(t, 1000)
		first := c.Stats().UsedPages
		for range 6 {
			c.removeHalf(t)
			c.add(t, 500)
		}
		const sectionPagesMax = 512
		if last := c.Stats().UsedPages; last > first*3/2+min(first, sectionPagesMax) {
			t.Errorf("%d pages at first, %d after six rounds", first, last)
		}
		c.check(t)
	})
}
