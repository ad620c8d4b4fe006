package flattrie

// Descents returns how often a key was followed from the root.
func (t *Trie) Descents() uint64 { return t.descents }

// Unchecked returns a view of bytes that Open may refuse.
func Unchecked(buf []byte) View { return View{buf: buf} }
