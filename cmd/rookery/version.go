package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "rookery %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

func newHealthcheckCommand() *cobra.Command {
	var timeout time.Duration
	var address, database string
	cmd := &cobra.Command{
		Use:     "healthcheck",
		Short:   "Ask a running node whether it can be used; exit 0 when it can",
		Example: "  rookery healthcheck --url http://127.0.0.1:8080 --database Shop",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := "/info/tcp?tcp=health-check"
			if database != "" {
				path = "/databases/" + database + "/healthcheck"
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			if err := ask(ctx, strings.TrimRight(address, "/")+path); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "healthy")
			return err
		},
	}
	cmd.Flags().StringVar(&address, "url", "http://127.0.0.1:8080", "address of the node")
	cmd.Flags().StringVar(&database, "database", "", "ask for this database, not for the node alone")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "longest time to wait")
	return cmd
}

// ask sends a GET and returns an error unless the answer is good.
func ask(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s answered %s: %s", address, resp.Status, text)
	}
	return nil
}
