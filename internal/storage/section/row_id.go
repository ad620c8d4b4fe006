package section

import (
	"fmt"
	"strconv"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// RowID names a row for as long as it is not deleted or moved to another page: page number and slot.
//
// Zero names no row, as page zero has no rows. Ids are given out anew after rows are deleted.
type RowID uint64

func rowID(no page.No, slot int) RowID { return RowID(uint64(no)<<slotBits | uint64(slot)) }

// Page is the number of the data page.
func (id RowID) Page() page.No { return page.No(id >> slotBits) }

// Slot is the place of the row among the slots of its page, from 0.
func (id RowID) Slot() int { return int(id & (1<<slotBits - 1)) }

// String returns page and slot, as in "17:3".
func (id RowID) String() string {
	return fmt.Sprintf("%v:%s", id.Page(), strconv.Itoa(id.Slot()))
}
