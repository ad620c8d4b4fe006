package api

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"mime/multipart"
)

// replayBufferBytes are read from a recording at once.
const replayBufferBytes = 64 << 10

// postStartRecording begins to write the commands of a database to a file beside it.
func (h *handler) postStartRecording(r *request) error {
	body, err := r.readObject()
	if err != nil {
		return err
	}
	name, err := stringMember(body, "File")
	if err != nil {
		return err
	}
	if err := r.db.StartRecording(name); err != nil {
		return err
	}
	r.noContent()
	return nil
}

// postStopRecording ends it.
func (h *handler) postStopRecording(r *request) error {
	if err := r.db.StopRecording(); err != nil {
		return err
	}
	r.noContent()
	return nil
}

// postReplay runs the commands of a recording, which is the body, or the first file in it. It is read as it comes, so that
// its length has no bound.
func (h *handler) postReplay(r *request) error {
	if _, err := r.int64Param("operationId"); err != nil {
		return err
	}
	content, err := r.recording()
	if err != nil {
		return err
	}
	done, err := r.db.Replay(r.http.Context(), bufio.NewReaderSize(content, replayBufferBytes))
	if err != nil {
		return err
	}
	r.member(`{"ExecutedCommands":`, int64(done.Commands))
	r.member(`,"Transactions":`, int64(done.Transactions))
	r.member(`,"SkippedCommands":`, int64(done.Skipped))
	r.str(`,"CutShort":`)
	r.bool(done.CutShort)
	r.str(`}`)
	return nil
}

// recording returns the file that was sent.
func (r *request) recording() (io.Reader, error) {
	if r.content == nil {
		return nil, &invalidError{what: "the request body", want: "a recording"}
	}
	kind, params, err := mime.ParseMediaType(first(r.header["Content-Type"]))
	if err != nil || kind != "multipart/form-data" {
		return bodyReader{r.content}, nil
	}
	parts := multipart.NewReader(bodyReader{r.content}, params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, &invalidError{what: "the request body", want: "multipart/form-data with a file"}
		}
		if part.FileName() != "" {
			return part, nil
		}
	}
}

// bodyReader tells a body that breaks off from the end of what it holds.
type bodyReader struct{ content io.Reader }

func (b bodyReader) Read(p []byte) (int, error) {
	n, err := b.content.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = &bodyReadError{cause: err}
	}
	return n, err
}
