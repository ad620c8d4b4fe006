package docstore

// Written is what one Put or Delete did.
type Written struct {
	ID, Collection, ChangeVector string // as stored; of a delete, those of the tombstone
	Deleted                      bool
}

// NoteWrites makes each Put and Delete append what it did to list, also those that another method of the store makes. nil ends
// that. Like a write it is for the one writer; what a transaction that is dropped did stays in the list.
func (s *Store) NoteWrites(list *[]Written) { s.written = list }

func (s *Store) noteWrite(w Written) {
	if s.written != nil {
		*s.written = append(*s.written, w)
	}
}
