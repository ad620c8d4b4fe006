package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs"
)

func newInspectCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect DIR",
		Short: "Print what the environments of a data directory hold, as text; changes nothing",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			_, err := eachEnvironment(vfs.OS(), filepath.ToSlash(args[0]), func(env *storage.Env, name string) (int, error) {
				fmt.Fprintf(out, "environment %s\n", name)
				return 0, env.Dump(out)
			})
			return err
		},
	}
	cmd.AddCommand(newInspectIOCommand())
	return cmd
}
