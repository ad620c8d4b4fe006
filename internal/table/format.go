package table

// What a row looks like stands in package row; docs/format/table.md describes rows and indexes.

// rowIDBytes is the length of a row id in the trees: big-endian, so that equal keys of a repeating index come in the order of their ids.
const rowIDBytes = 8
