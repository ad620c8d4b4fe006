package compression

// Bounds that tests go to.
const (
	DecodersCachedMax = decodersCachedMax
	EncodersMax       = encodersMax
)

// Kept returns how many coders the service keeps.
func (s *Service) Kept() (decoders, encoders int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(*s.decoders.current.Load()), len(s.encoders)
}

// Encoders returns how many encoders the session holds.
func (s *Session) Encoders() int { return len(s.encoders) }
