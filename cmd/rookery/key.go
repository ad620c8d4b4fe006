package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rookerydb/rookery/internal/config"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/keyring"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/vfs"
)

// keyBytes is the length of a key.
const keyBytes = 32

// keyTextBytesMax is what is read where a key is expected: enough to tell that it is something else.
const keyTextBytesMax = 1024

const keySettings = `
Settings say where the data and the master key are, as for serve: --DataDir=DIR, --config-path FILE, the environment.
No server may work on the data meanwhile.`

func newKeyCommand() *cobra.Command {
	key := &cobra.Command{
		Use:   "key",
		Short: "Keys of encrypted databases, and the master key they are kept under",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() }, // so that unknown words are told
	}
	key.AddCommand(newKeyGenerateCommand(), newKeyPrintCommand(), newKeyStoreCommand(), newKeyRotateCommand())
	return key
}

func newKeyGenerateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "generate",
		Short: "Print a new random key, for a database or as master key; keeps nothing",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var key [keyBytes]byte
			_, _ = rand.Read(key[:]) // never fails: it ends the process instead
			return printKey(cmd.OutOrStdout(), &key)
		},
	}
}

func newKeyPrintCommand() *cobra.Command {
	return keyCommand(keyVerb{
		use:   "print DATABASE --yes-show [--Key=Value]…",
		short: "Print the key of a database as base64, to keep it in a safe place",
		long: `Print the key of a database on standard output, as base64. Whoever has it can read the database's files, so the
command wants --yes-show, and the output should go where nobody looks on. Salvage takes it from there:
  rookery key print Shop --yes-show --DataDir=DIR | rookery salvage --key-file - DIR OUT`,
		flags: map[string]bool{"--yes-show": false},
		args:  1,
		run: func(cmd *cobra.Command, k *keyring.Keyring, c keyCall) error {
			if !c.has("--yes-show") {
				return &keyUsageError{what: "the key would be shown in clear: say --yes-show if that is meant"}
			}
			sealed, err := k.Load(cmd.Context(), server.KeyOf(c.config, c.args[0]))
			if err != nil {
				return err
			}
			defer sealed.Destroy()
			defer sealed.Close()
			return printKey(cmd.OutOrStdout(), sealed.Open())
		},
	})
}

func newKeyStoreCommand() *cobra.Command {
	return keyCommand(keyVerb{
		use:   "store DATABASE [--replace] [--Key=Value]…",
		short: "Keep a key from standard input for a database that is about to be made here",
		long: `Keep the key on standard input, 32 bytes or 44 characters of base64, for a database that is about to be made encrypted,
or whose key file is lost. A key that is there already is overwritten with --replace only: without it, what was
encrypted with it cannot be read any more.`,
		flags: map[string]bool{"--replace": false},
		args:  1,
		run: func(cmd *cobra.Command, k *keyring.Keyring, c keyCall) error {
			var key [keyBytes]byte
			defer clear(key[:])
			if err := readKeyFrom(cmd.InOrStdin(), &key, "standard input"); err != nil {
				return err
			}
			store := k.Store
			if c.has("--replace") {
				store = k.Replace
			}
			return store(cmd.Context(), server.KeyOf(c.config, c.args[0]), &key)
		},
	})
}

func newKeyRotateCommand() *cobra.Command {
	return keyCommand(keyVerb{
		use:   "rotate [--to FILE | --finish] [--Key=Value]…",
		short: "Change the master key; databases and their keys stay as they are",
		long: `Change the master key in its file to a new random one, and wrap the keys of all databases under it. It may be
interrupted: at each moment the master key in the file opens every database, and the command can be run again.

Where a program or the environment gives the master key, it is changed in three steps:
  rookery key rotate --to FILE   both master keys, the one now and the one in FILE, open every database from then on
  change it where it is kept
  rookery key rotate --finish    only the new one does`,
		flags: map[string]bool{"--to": true, "--finish": false},
		run:   func(cmd *cobra.Command, k *keyring.Keyring, c keyCall) error { return rotate(cmd, k, c) },
	})
}

func rotate(cmd *cobra.Command, k *keyring.Keyring, c keyCall) error {
	out := cmd.ErrOrStderr()
	switch {
	case c.has("--to") && c.has("--finish"):
		return &keyUsageError{what: "--to begins, --finish ends: give one of them"}
	case c.has("--finish"):
		n, err := k.Settle(cmd.Context())
		if err == nil {
			fmt.Fprintf(out, "%d keys are under the master key of the settings, and under no other\n", n)
		}
		return err
	case !c.has("--to"):
		return k.Rotate(cmd.Context())
	}
	var next [keyBytes]byte
	defer clear(next[:])
	file, err := os.Open(c.flags["--to"])
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := readKeyFrom(file, &next, fmt.Sprintf("file %q", file.Name())); err != nil {
		return err
	}
	n, err := k.Admit(cmd.Context(), &next)
	if err == nil {
		fmt.Fprintf(out, "%d keys are under both master keys; change it where it is kept, then run rookery key rotate --finish\n", n)
	}
	return err
}

// keyVerb is one of the commands on a keyring.
type keyVerb struct {
	use, short, long string
	flags            map[string]bool // of the command itself, and whether each takes a value; all else are settings
	args             int             // how many arguments it needs
	run              func(cmd *cobra.Command, k *keyring.Keyring, c keyCall) error
}

// keyCall is what a call of such a command says.
type keyCall struct {
	config config.Config
	flags  map[string]string
	args   []string
}

func (c keyCall) has(flag string) bool {
	_, ok := c.flags[flag]
	return ok
}

// keyUsageError reports a call that makes no sense.
type keyUsageError struct{ what string }

// Kind is Invalid.
func (*keyUsageError) Kind() fault.Kind { return fault.Invalid }

func (e *keyUsageError) Error() string { return e.what }

// keyCommand makes the command: it reads flags and settings, and opens the keyring.
func keyCommand(v keyVerb) *cobra.Command {
	return &cobra.Command{
		Use: v.use, Short: v.short, Long: v.long + "\n" + keySettings,
		DisableFlagParsing: true, // settings are not flags: config reads them
		RunE: func(cmd *cobra.Command, args []string) error {
			if containsHelp(args) {
				return cmd.Help()
			}
			call, err := readKeyCall(v, args)
			if err != nil {
				return err
			}
			return withKeyring(call.config, func(k *keyring.Keyring) error { return v.run(cmd, k, call) })
		},
	}
}

// readKeyCall takes the command's own flags and arguments out of args; the rest are settings, written --Key=Value.
func readKeyCall(v keyVerb, args []string) (keyCall, error) {
	c := keyCall{flags: map[string]string{}}
	var settings []string
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		takesValue, ours := v.flags[name]
		switch {
		case ours && takesValue && !hasValue:
			if i++; i == len(args) {
				return c, &keyUsageError{what: name + " needs a value"}
			}
			c.flags[name] = args[i]
		case ours:
			c.flags[name] = value
		case strings.HasPrefix(args[i], "-"):
			settings = append(settings, args[i])
			if (args[i] == "-c" || args[i] == "--config-path") && i+1 < len(args) {
				i++
				settings = append(settings, args[i])
			}
		default:
			c.args = append(c.args, args[i])
		}
	}
	if len(c.args) != v.args {
		return c, &keyUsageError{what: fmt.Sprintf("want %d arguments, have %d: rookery key %s", v.args, len(c.args), v.use)}
	}
	var err error
	c.config, _, err = config.Parse(settings, os.Environ(), os.ReadFile)
	return c, err
}

// withKeyring calls fn with the keyring of a data directory that no server works on.
func withKeyring(c config.Config, fn func(*keyring.Keyring) error) error {
	k, lock, err := server.LockKeyring(c, vfs.OS(), rand.Reader, time.Now)
	if err != nil {
		return err
	}
	err = fn(k)
	k.Close()
	return errors.Join(err, lock.Close())
}

func printKey(out io.Writer, key *[keyBytes]byte) error {
	_, err := fmt.Fprintln(out, base64.StdEncoding.EncodeToString(key[:]))
	return err
}

// readKeyFrom reads the key that r holds, and nothing else.
func readKeyFrom(r io.Reader, key *[keyBytes]byte, source string) error {
	text, err := io.ReadAll(io.LimitReader(r, keyTextBytesMax))
	defer clear(text)
	if err != nil {
		return fmt.Errorf("read %s: %w", source, err)
	}
	return keyring.ReadKey(key, text, source)
}

func containsHelp(args []string) bool {
	for _, arg := range args {
		if arg == "-h" || arg == "--help" {
			return true
		}
	}
	return false
}
