package workload

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"
)

const (
	dialTime   = 10 * time.Second
	answerTime = 2 * time.Minute  // for one administrative request
	lifeTime   = 10 * time.Minute // of a connection: a server that hangs ends the run instead of hanging it too
)

// client speaks just enough HTTP/1.1 over one connection, so that on a machine shared with the server it costs little: one
// write a request, no headers kept, bodies counted and dropped. It is no client for anything else.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	host string
	out  []byte
}

// hostOf returns host:port of an http URL.
func hostOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return "", fmt.Errorf("-url %q: want http://host:port", address)
	}
	return u.Host, nil
}

func dial(host string) (*client, error) {
	conn, err := net.DialTimeout("tcp", host, dialTime)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(lifeTime)); err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 16<<10), host: host}, nil
}

func (c *client) close() { c.conn.Close() }

// do sends one request for base + path + id and returns the status of its answer.
func (c *client) do(method, base, path string, id uint64, body []byte) (int, error) {
	c.begin(method)
	c.out = append(append(c.out, base...), path...)
	c.out = strconv.AppendUint(c.out, id, 10)
	return c.finish(body)
}

// expect sends one request and fails unless its answer is a success.
func (c *client) expect(method, target string, body []byte) error {
	if err := c.conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	c.begin(method)
	c.out = append(c.out, target...)
	status, err := c.finish(body)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("%s %s: status %d", method, target, status)
	}
	return err
}

func (c *client) begin(method string) {
	c.out = append(append(c.out[:0], method...), ' ')
}

// finish completes the request whose line has been begun, sends it, and reads the answer to its end.
func (c *client) finish(body []byte) (int, error) {
	c.out = append(append(c.out, " HTTP/1.1\r\nHost: "...), c.host...)
	if body != nil {
		c.out = append(c.out, "\r\nContent-Type: application/json\r\nContent-Length: "...)
		c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	}
	c.out = append(append(c.out, "\r\n\r\n"...), body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, err
	}
	return c.answer()
}

// answer reads status line, headers and body.
func (c *client) answer() (int, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("answer begins with %.40q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, fmt.Errorf("status %.3q: %w", line[9:12], err)
	}
	length, chunked, err := c.headers()
	switch {
	case err != nil:
		return 0, err
	case chunked:
		err = c.dropChunks()
	case status == 204 || status == 304:
	case length < 0:
		err = errors.New("answer says neither its length nor that it comes in chunks")
	default:
		_, err = c.in.Discard(length)
	}
	return status, err
}

// headers reads to the empty line and returns the length of the body, -1 when it is not said.
func (c *client) headers() (length int, chunked bool, err error) {
	length = -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return length, chunked, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, false, fmt.Errorf("content length: %w", err)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
}

// dropChunks reads chunks to the last one (RFC 9112, 7.1).
func (c *client) dropChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return fmt.Errorf("chunk size: %w", err)
		}
		if _, err := c.in.Discard(int(size) + len("\r\n")); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}
