package recording

// BodyBytesMax bounds the body of an entry: the largest request and more. A longer one is recorded as Other.
const BodyBytesMax = 1 << 29

// readAheadBytes is how much memory is taken for a body before its first byte came: a length alone costs nothing.
const readAheadBytes = 64 << 10
