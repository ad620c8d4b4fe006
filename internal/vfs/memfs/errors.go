package memfs

import "errors"

// ErrPowerCut is returned by every operation that changes the disk from the one named by DieAtOp on. Reading goes on, so that
// what is under test can wind down.
var ErrPowerCut = errors.New("power cut")

var (
	errNotDirectory = errors.New("not a directory")
	errIsDirectory  = errors.New("is a directory")
	errNotEmpty     = errors.New("directory not empty")
)
