//go:build unix

package keyring

import (
	"os/exec"
	"syscall"
)

// killWithChildren lets cmd be stopped with all processes that it starts: what waits for a vault is often a child of a script.
func killWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
