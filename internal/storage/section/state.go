package section

import (
	"encoding/binary"

	"github.com/rookerydb/rookery/internal/storage/page"
)

// StateBytes is the length of an encoded State.
const StateBytes = 10 * 8

// State is all there is of a set of sections beside its pages. The zero State is an empty set.
type State struct {
	First         page.No            // header page of the newest section; zero when there is none
	Active        page.No            // data page that rows go to; zero when there is none
	Room          [listCount]page.No // first section of each list of those with room: 1 KiB, 2 KiB, any row
	Sections      uint64
	Rows          uint64
	Bytes         uint64 // of all rows, as their owners see them
	Pages         uint64 // of all sections, those not made yet and headers included
	OverflowPages uint64 // of rows that have a run of their own; pages, not runs
}

// AppendState appends the StateBytes bytes of s: ten little-endian numbers of 64 bits in the order of the fields.
func AppendState(dst []byte, s State) []byte {
	for _, n := range [...]uint64{
		uint64(s.First), uint64(s.Active), uint64(s.Room[0]), uint64(s.Room[1]), uint64(s.Room[2]),
		s.Sections, s.Rows, s.Bytes, s.Pages, s.OverflowPages,
	} {
		dst = binary.LittleEndian.AppendUint64(dst, n)
	}
	return dst
}

// DecodeState reads what AppendState wrote and returns the bytes after it. *CorruptError (with page zero) when src is too
// short or its numbers cannot belong together.
func DecodeState(src []byte) (State, []byte, error) {
	if len(src) < StateBytes {
		return State{}, nil, corrupt(0, "the state is cut short")
	}
	number := func(i int) uint64 { return binary.LittleEndian.Uint64(src[8*i:]) }
	s := State{
		First: page.No(number(0)), Active: page.No(number(1)),
		Room:     [listCount]page.No{page.No(number(2)), page.No(number(3)), page.No(number(4))},
		Sections: number(5), Rows: number(6), Bytes: number(7), Pages: number(8), OverflowPages: number(9),
	}
	if (s.First == 0) != (s.Sections == 0) || (s.First == 0) != (s.Active == 0) || s.First == 0 && s.Rows != 0 {
		return State{}, nil, corrupt(s.First, "the state contradicts itself")
	}
	return s, src[StateBytes:], nil
}
