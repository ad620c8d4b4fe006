package memfs

// Option is a wish about a new disk.
type Option func(*FS)

// DieAtOp cuts the power at operation i, counted from 0: it and all later ones fail with ErrPowerCut. AfterCrash then
// gives what was left, with operation i done, undone or done in part.
func DieAtOp(i int) Option {
	return func(f *FS) { f.dieAt = i }
}

// Record keeps all operations with their bytes, so that CrashAt can cut the power at each of them after one run. Costs
// memory for every byte written.
func Record() Option {
	return func(f *FS) { f.recording = true }
}

// WithoutCrashes keeps only what is needed to read back: half the memory, and less work for each write. There is no log of
// operations, and AfterCrash panics.
func WithoutCrashes() Option {
	return func(f *FS) { f.crashless = true }
}

// SizeBytesMax makes the disk full when all files together have n bytes; 0 means never. See SetSizeBytesMax.
func SizeBytesMax(n int64) Option {
	return func(f *FS) { f.sizeBytesMax = n }
}
