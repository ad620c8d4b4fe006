package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"text/tabwriter"

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
	cmd.AddCommand(newInspectStorageCommand())
	return cmd
}

func newInspectStorageCommand() *cobra.Command {
	var details bool
	cmd := &cobra.Command{
		Use:   "storage DIR",
		Short: "Print what takes the disk space of the environments of a data directory; changes nothing",
		Long: `Print, for each environment below DIR, what its files are taken by: each structure with its pages, free pages, pages that were
never used, and journals. The parts add up to the length of the files. A server must not have them open; of a running one ask
GET /databases/NAME/debug/storage/report.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return inspectStorage(cmd.OutOrStdout(), vfs.OS(), filepath.ToSlash(args[0]), details)
		},
	}
	cmd.Flags().BoolVar(&details, "details", false, "read all pages, to tell how full they are")
	return cmd
}

// inspectStorage prints the reports of all environments below dir.
func inspectStorage(out io.Writer, fsys vfs.FS, dir string, details bool) error {
	_, err := eachEnvironment(fsys, dir, func(env *storage.Env, name string) (int, error) {
		report, err := env.Report(details, nil)
		if err != nil {
			return 0, err
		}
		fmt.Fprintf(out, "environment %s: transaction %d, %d bytes\n", name, report.Tx, report.TotalBytes())
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		printReport(table, report, details)
		return 0, table.Flush()
	})
	return err
}

// printReport writes a line for each part, its columns ended by tabs.
func printReport(out io.Writer, r storage.Report, details bool) {
	title := "bytes\tbranch\tleaf\tsection\toverflow\tentries\t"
	if details {
		title += "full\t"
	}
	fmt.Fprintln(out, title+" structure")
	for _, s := range r.Structures {
		name := s.Kind + " " + strconv.Quote(s.Name)
		if s.Name == "" {
			name = "catalog"
		}
		fmt.Fprintf(out, "%d\t%d\t%d\t%d\t%d\t%d\t", s.Bytes, s.BranchPages, s.LeafPages, s.SectionPages, s.OverflowPages, s.Entries)
		if details {
			fmt.Fprintf(out, "%.0f %%\t", 100*s.Density)
		}
		fmt.Fprintln(out, " "+name)
	}
	fill := "\t\t\t\t\t\t"
	if details {
		fill += "\t"
	}
	for _, part := range []struct {
		bytes int64
		what  string
	}{
		{r.ReservedBytes + r.BitmapBytes, "reserved, and bitmaps of free pages"},
		{r.FreeBytes, "free pages"},
		{r.PreallocatedBytes, "pages never used"},
		{-r.BeyondBytes, "of all that, not in the file yet"},
		{r.DataBytes, "= data file"},
		{r.HeaderBytes, "headers"},
		{r.TotalBytes() - r.DataBytes - r.HeaderBytes, "journals, and images of pages"},
	} {
		fmt.Fprintf(out, "%d%s %s\n", part.bytes, fill, part.what)
	}
}
