//go:build unix

package main

import (
	"errors"
	"syscall"
)

// processExists tells whether a process with this id lives, ours to signal or not.
func processExists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
