//go:build !linux && !darwin && !windows

package secret

import "errors"

const lockHint = "this system has no memory that Rookery knows how to lock"

func systemPageBytes() int { return FrameBytes }

func systemTake(n int) ([]byte, error) { return make([]byte, n), nil }

func systemLock([]byte) error { return errors.ErrUnsupported }

func systemUnlock([]byte) {}

func systemGive([]byte) {}
