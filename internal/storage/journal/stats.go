package journal

// Stats counts the files of a log and what was done with them since it was opened.
type Stats struct {
	Files, Spares         int    // in use (the current one among them); kept for reuse
	Bytes, SpareBytes     int64  // sizes of both
	Recycled, Rotations   uint64 // files that were spares before; moves to a next file
	MadeBytes             int64  // zeros written to new files
	FirstNumber, LastUsed uint64 // numbers of the files in use
}

// Stats may be called at any time.
func (l *Log) Stats() Stats {
	p := l.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{Files: len(p.files), Spares: len(p.spares), Recycled: p.recycled, Rotations: p.rotations, MadeBytes: p.madeBytes}
	for _, f := range p.files {
		s.Bytes += f.SizeBytes
	}
	for _, f := range p.spares {
		s.SpareBytes += f.SizeBytes
	}
	if len(p.files) > 0 {
		s.FirstNumber, s.LastUsed = p.files[0].Number, p.files[len(p.files)-1].Number
	}
	return s
}
