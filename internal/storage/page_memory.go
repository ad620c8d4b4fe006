package storage

import "sync"

// pageMemory gives memory for pages outside of the page table: whole pages, whose bytes are whatever they were.
type pageMemory interface {
	take(bytes int) ([]byte, error)
	give(data []byte)
}

// heapMemory is ordinary collected memory.
type heapMemory struct{ single sync.Pool }

func (m *heapMemory) take(bytes int) ([]byte, error) {
	if bytes == pageBytes {
		if p, ok := m.single.Get().(*[pageBytes]byte); ok {
			return p[:], nil
		}
	}
	return make([]byte, bytes), nil
}

func (m *heapMemory) give(data []byte) {
	poison(data)
	if len(data) == pageBytes {
		m.single.Put((*[pageBytes]byte)(data))
	}
}
