package iometrics_test

import (
	"testing"
	"time"

	"github.com/rookerydb/rookery/internal/storage/iometrics"
)

// BenchmarkRecord is what a write pays: Begin and Done.
func BenchmarkRecord(b *testing.B) {
	stopped := time.Unix(1_700_000_000, 0)
	for name, now := range map[string]func() time.Time{
		"clock=stopped": func() time.Time { return stopped },
		"clock=real":    time.Now,
	} {
		b.Run(name, func(b *testing.B) {
			r := iometrics.New(iometrics.Options{Now: now})
			for range iometrics.EventsMax { // to the size at which it stays
				r.Begin(iometrics.JournalWrite, "journals/1", 4096).Done(nil)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Begin(iometrics.JournalWrite, "journals/1", 4096).Done(nil)
			}
		})
	}
}

// BenchmarkRecord_WhileRead is the same beside somebody who copies the whole ring again and again.
func BenchmarkRecord_WhileRead(b *testing.B) {
	r := iometrics.New(iometrics.Options{Now: time.Now})
	for range iometrics.EventsMax {
		r.Begin(iometrics.JournalWrite, "journals/1", 4096).Done(nil)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		var events []iometrics.Event
		for {
			select {
			case <-stop:
				return
			default:
				events, _ = r.Since(0, iometrics.EventsMax, events[:0])
			}
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		r.Begin(iometrics.JournalWrite, "journals/1", 4096).Done(nil)
	}
	close(stop)
	<-stopped
}
