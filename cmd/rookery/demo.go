package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/rookerydb/rookery/internal/config"
)

func newDemoCommand() *cobra.Command {
	var address string
	var once bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a node with sample data in a temporary directory and show some queries",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo(cmd, address, once)
		},
	}
	cmd.Flags().StringVar(&address, "url", "http://127.0.0.1:8080", "address to listen on; when it is taken, a free port is used")
	cmd.Flags().BoolVar(&once, "once", false, "stop after the queries instead of waiting")
	return cmd
}

// demoDatabase holds the sample data.
const demoDatabase = "Northwind"

// demoQueries are shown with what they answer.
var demoQueries = []string{
	"from Employees limit 3",
	"from Orders where id() = 'orders/830-A' include Company",
	"from @all_docs where startsWith(id(), 'products/7') limit 3",
	"from Companies where id() in ('companies/1-A', 'companies/2-A')",
}

// demo starts a node, fills it, asks it, and leaves it open.
func demo(cmd *cobra.Command, address string, once bool) error {
	dir, err := os.MkdirTemp("", "rookery-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cfg, _, err := config.Parse([]string{"--ServerUrl=" + freeAddress(address), "--DataDir=" + dir}, nil, os.ReadFile)
	if err != nil {
		return err
	}
	stopper := newStopper(cfg, cmd.InOrStdin())
	defer stopper.release()
	n, err := startNode(cfg, newLogger(cmd.ErrOrStderr(), cfg.Logs.Mode.String()))
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if err := showDemo(cmd.Context(), out, n.url); err != nil {
		return errors.Join(err, n.stop())
	}
	fmt.Fprintf(out, "Server available on: %s\n", n.url)
	if once {
		return n.stop()
	}
	fmt.Fprintf(out, "\nThe node stays open; its data goes with it. Try:\n\n  curl '%s/databases/%s/docs?id=orders/1-A'\n\nStop with Ctrl-C.\n",
		n.url, demoDatabase)
	if _, err := stopper.wait(n); err != nil {
		return errors.Join(err, n.server.Close())
	}
	return n.stop()
}

// freeAddress returns address, or the same host with a free port when the port is taken.
func freeAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	l, err := net.Listen("tcp", u.Host)
	if err != nil {
		u.Host = net.JoinHostPort(u.Hostname(), "0")
		return u.String()
	}
	_ = l.Close()
	return address
}

// showDemo creates the sample database and prints what the queries answer.
func showDemo(ctx context.Context, out io.Writer, base string) error {
	record := fmt.Sprintf(`{"DatabaseName":%q}`, demoDatabase)
	if _, err := call(ctx, http.MethodPut, base+"/admin/databases?name="+demoDatabase+"&replicationFactor=1", record); err != nil {
		return err
	}
	root := base + "/databases/" + demoDatabase
	if _, err := call(ctx, http.MethodPost, root+"/studio/sample-data", ""); err != nil {
		return err
	}
	counts, err := call(ctx, http.MethodGet, root+"/collections/stats", "")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Database %s is filled with sample data:\n%s\n", demoDatabase, indent(counts))
	for _, q := range demoQueries {
		body, err := json.Marshal(map[string]string{"Query": q})
		if err != nil {
			return err
		}
		answer, err := call(ctx, http.MethodPost, root+"/queries", string(body))
		if err != nil {
			return err
		}
		if err := showAnswer(out, q, answer); err != nil {
			return err
		}
	}
	return nil
}

// showAnswer prints a query and one line for each row and included document.
func showAnswer(out io.Writer, text string, answer []byte) error {
	var result struct {
		Results      []json.RawMessage
		Includes     map[string]json.RawMessage
		TotalResults int
		DurationInMs int
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return fmt.Errorf("read answer to %q: %w", text, err)
	}
	fmt.Fprintf(out, "> %s\n  %d of %d results, %d ms\n", text, len(result.Results), result.TotalResults, result.DurationInMs)
	for _, row := range result.Results {
		fmt.Fprintf(out, "  %s\n", shorten(row))
	}
	for id, doc := range result.Includes {
		fmt.Fprintf(out, "  included %s: %s\n", id, shorten(doc))
	}
	fmt.Fprintln(out)
	return nil
}

// shorten cuts a document to what fits on a line.
func shorten(doc []byte) string {
	const lineRunes = 140
	runes := []rune(string(doc))
	if len(runes) <= lineRunes {
		return string(runes)
	}
	return string(runes[:lineRunes]) + "…"
}

func indent(text []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return string(text)
	}
	return b.String()
}

// call sends a request and returns the body of a good answer.
func call(ctx context.Context, method, address, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%s %s answered %s: %s", method, address, resp.Status, answer)
	}
	return answer, nil
}
