package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

// newInspectIOCommand draws exports of I/O events.
func newInspectIOCommand() *cobra.Command {
	var picture iometrics.Picture
	cmd := &cobra.Command{
		Use:   "io FILE|URL",
		Short: "Draw what a database did with its disk, from an export or a running server",
		Long: `Draw a timeline of journal writes, flushes and syncs, with figures and the longest operations.

FILE is an export, as GET /databases/{db}/debug/io-metrics?format=file answers; "-" reads one from standard input.
URL is that of a database of a running server.`,
		Example: "  rookery inspect io http://127.0.0.1:8080/databases/Northwind --last 10s\n  rookery inspect io io-metrics.ndjson --width 150",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return inspectIO(cmd, args[0], picture)
		},
	}
	cmd.Flags().IntVar(&picture.Width, "width", 100, "columns of time, 10 to 1000")
	cmd.Flags().DurationVar(&picture.Last, "last", time.Duration(0), "draw only so much time before the last event; 0 draws everything")
	return cmd
}

func inspectIO(cmd *cobra.Command, source string, picture iometrics.Picture) error {
	exported, err := openExport(cmd.Context(), source, cmd.InOrStdin())
	if err != nil {
		return err
	}
	defer func() { _ = exported.Close() }()
	export, err := iometrics.ReadExport(exported)
	if err != nil {
		return err
	}
	return picture.Draw(cmd.OutOrStdout(), export)
}

// openExport opens a file, standard input, or the answer of a server.
func openExport(ctx context.Context, source string, stdin io.Reader) (io.ReadCloser, error) {
	if source == "-" {
		return io.NopCloser(stdin), nil
	}
	u, err := url.Parse(source)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return os.Open(source)
	}
	const route = "/debug/io-metrics"
	if u.Path = strings.TrimRight(u.Path, "/"); !strings.HasSuffix(strings.ToLower(u.Path), route) {
		u.Path += route
	}
	u.RawQuery = "format=file"
	answer, err := call(ctx, http.MethodGet, u.String(), "")
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(answer)), nil
}
