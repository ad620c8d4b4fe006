package rql

// TextBytesMax bounds the text of one query: 4 MiB, room for a list of some 100,000 ids. Longer lists belong in a parameter.
const TextBytesMax = 4 << 20

// DepthMax bounds how deep parentheses and function calls nest. Parsing, printing and planning recurse this deep and no deeper.
const DepthMax = 128

// excerptCharsMax bounds the part of a line that an error shows on each side of the caret: both halves fit a terminal.
const excerptCharsMax = 60

// tokenCharsMax bounds how much of one token an error message repeats.
const tokenCharsMax = 32
