package iometrics

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Export is a recording of one database's environments at one moment.
type Export struct {
	Database string
	Node     string    // tag of the node
	Taken    time.Time // UTC

	Environments []Environment
}

// Environment is the part of one environment in an Export.
type Environment struct {
	Name string // unique in the database
	Type string // what it holds, such as "Documents"
	Path string // its directory on the node
	Lost uint64 // events before the first that were not kept any more

	Events []Event // oldest first
}

// AppendHead appends the first line of a file.
func AppendHead(dst []byte, x Export) []byte {
	dst = append(dst, `{"Format":"`+FormatName+`","Version":`...)
	dst = strconv.AppendInt(dst, FormatVersion, 10)
	dst = append(dst, `,"Database":`...)
	dst = appendText(dst, x.Database)
	dst = append(dst, `,"Node":`...)
	dst = appendText(dst, x.Node)
	dst = append(dst, `,"Taken":`...)
	dst = AppendTime(dst, x.Taken)
	return append(dst, "}\n"...)
}

// AppendEnvironment appends the line before the events of env; its Events are appended by the caller, one AppendEvent and
// line end each.
func AppendEnvironment(dst []byte, env Environment) []byte {
	dst = append(dst, `{"Environment":`...)
	dst = appendText(dst, env.Name)
	dst = append(dst, `,"Type":`...)
	dst = appendText(dst, env.Type)
	dst = append(dst, `,"Path":`...)
	dst = appendText(dst, env.Path)
	dst = append(dst, `,"Lost":`...)
	dst = strconv.AppendUint(dst, env.Lost, 10)
	return append(dst, "}\n"...)
}

// AppendEnd appends the last line of a file with so many events: without it, the file was cut off.
func AppendEnd(dst []byte, events int) []byte {
	dst = append(dst, `{"Events":`...)
	dst = strconv.AppendInt(dst, int64(events), 10)
	return append(dst, "}\n"...)
}

// AppendExport appends x as a file.
func AppendExport(dst []byte, x Export) []byte {
	dst = AppendHead(dst, x)
	n := 0
	for _, env := range x.Environments {
		dst = AppendEnvironment(dst, env)
		for _, e := range env.Events {
			dst = append(AppendEvent(dst, e), '\n')
		}
		n += len(env.Events)
	}
	return AppendEnd(dst, n)
}

// ReadExport reads a file. *FormatError when it is none, a newer one, or cut off; errors of r are passed on.
func ReadExport(r io.Reader) (Export, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), lineBytesMax)
	d := decoder{}
	for lines.Scan() {
		d.line++
		if reason := d.decode(lines.Bytes()); reason != "" {
			return Export{}, &FormatError{Line: d.line, Reason: reason}
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Export{}, &FormatError{Line: d.line + 1, Reason: fmt.Sprintf("longer than %d bytes", lineBytesMax)}
	case err != nil:
		return Export{}, fmt.Errorf("read recording: %w", err)
	case !d.ended:
		return Export{}, &FormatError{Line: d.line + 1, Reason: "the file ends before its last line"}
	}
	return d.export, nil
}

// decoder reads a file line by line.
type decoder struct {
	export Export
	line   int
	events int
	ended  bool
}

// decode takes the next line, and says what is wrong with it.
func (d *decoder) decode(text []byte) (reason string) {
	if d.line == 1 {
		return d.head(text)
	}
	if d.ended {
		return "something follows the last line"
	}
	var l anyLine
	if err := json.Unmarshal(text, &l); err != nil {
		return err.Error()
	}
	switch {
	case l.Environment != nil:
		return d.environment(&l)
	case l.Sequence != nil:
		return d.event(&l)
	case l.Events != nil:
		d.ended = true
		if *l.Events != d.events {
			return fmt.Sprintf("%d events are announced, %d are there", *l.Events, d.events)
		}
		return ""
	}
	return "neither an environment nor an event nor the end"
}

func (d *decoder) head(text []byte) (reason string) {
	var h headLine
	if err := json.Unmarshal(text, &h); err != nil || h.Format != FormatName {
		return fmt.Sprintf("the first line does not say %q", FormatName)
	}
	if h.Version < 1 || h.Version > FormatVersion {
		return fmt.Sprintf("version %d; this program reads up to %d", h.Version, FormatVersion)
	}
	if !validTime(h.Taken) {
		return "the time of recording is out of range"
	}
	d.export = Export{Database: h.Database, Node: h.Node, Taken: h.Taken.UTC()}
	return ""
}

func (d *decoder) environment(l *anyLine) (reason string) {
	if len(d.export.Environments) == environmentsMax {
		return fmt.Sprintf("more than %d environments", environmentsMax)
	}
	d.export.Environments = append(d.export.Environments, Environment{Name: *l.Environment, Type: l.Type, Path: l.Path, Lost: l.Lost})
	return ""
}

func (d *decoder) event(l *anyLine) (reason string) {
	if len(d.export.Environments) == 0 {
		return "an event stands before the first environment"
	}
	if d.events == importEventsMax {
		return fmt.Sprintf("more than %d events", importEventsMax)
	}
	e, reason := l.event()
	if reason != "" {
		return reason
	}
	env := &d.export.Environments[len(d.export.Environments)-1]
	if n := len(env.Events); n > 0 && env.Events[n-1].Sequence >= e.Sequence {
		return "the sequence does not grow"
	}
	env.Events = append(env.Events, e)
	d.events++
	return ""
}
