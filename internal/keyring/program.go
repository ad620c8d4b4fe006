package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rookerydb/rookery/internal/storage/crypt"
)

// request is what the program reads from its standard input: what is wanted of it, so that one program may serve several
// purposes, now or later.
const request = `{"Version":1,"Operation":"LoadMasterKey"}` + "\n"

// run starts the program and reads the key that it prints.
func (m *Master) run(ctx context.Context, key *[crypt.KeyBytes]byte) error {
	ctx, cancel := context.WithTimeout(ctx, m.Timeout)
	defer cancel()
	out, said := &head{}, &tail{}
	defer func() { clear(out.bytes) }()
	cmd := exec.CommandContext(ctx, m.Program, splitArguments(m.Arguments)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(request), out, said
	cmd.WaitDelay = pipeWait
	killWithChildren(cmd)
	err := cmd.Run()
	if why := m.judge(ctx, err, out); why != nil {
		why.Said = said.text()
		return why
	}
	return readKey(key, out.bytes, m.programSource())
}

func (m *Master) programSource() string { return fmt.Sprintf("master key program %q", m.Program) }

// judge says what is wrong with how the program ended; nil when nothing is.
func (m *Master) judge(ctx context.Context, err error, out *head) *SourceError {
	why := &SourceError{Source: m.programSource(), Err: err}
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		why.Reason, why.Err = TimedOut, nil
	case out.full:
		why.Reason, why.Bytes, why.Err = TooLong, masterTextBytesMax, nil
	case err == nil:
		return nil
	case errors.As(err, &exit), errors.Is(err, exec.ErrWaitDelay), ctx.Err() != nil:
		why.Reason = Failed
	default:
		why.Reason = CannotStart
	}
	return why
}

// head keeps the beginning of what is written to it, and refuses more.
type head struct {
	bytes []byte
	full  bool
}

func (h *head) Write(p []byte) (int, error) {
	if h.bytes == nil {
		h.bytes = make([]byte, 0, masterTextBytesMax) // never moved, so that clearing it clears all
	}
	if len(h.bytes)+len(p) > cap(h.bytes) {
		h.full = true
		return 0, errors.New("more than a key")
	}
	h.bytes = append(h.bytes, p...)
	return len(p), nil
}

// tail keeps the end of what is written to it.
type tail struct{ bytes []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.bytes = append(t.bytes, p...)
	t.bytes = t.bytes[max(0, len(t.bytes)-stderrBytesMax):]
	return len(p), nil
}

// text is what was kept, as one line that may stand in a message.
func (t *tail) text() string {
	b := bytes.ToValidUTF8(t.bytes, []byte("?"))
	for len(b) > 0 && !utf8.RuneStart(b[0]) {
		b = b[1:]
	}
	return strings.Join(strings.FieldsFunc(string(b), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}

// splitArguments cuts text at blanks. Quotes, double or single, keep blanks; there are no escapes, so a backslash stands for
// itself and Windows paths need no care.
func splitArguments(text string) []string {
	var list []string
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case unicode.IsSpace(r):
			if inWord {
				list = append(list, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		list = append(list, word.String())
	}
	return list
}
