package changes_test

import (
	"fmt"
	"testing"

	"github.com/rookerydb/rookery/internal/changes"
)

// BenchmarkPublish is one change of a document for so many who watch another one.
func BenchmarkPublish(b *testing.B) {
	for _, watchers := range []int{0, 1, 100} {
		b.Run(fmt.Sprintf("watchers=%d", watchers), func(b *testing.B) {
			var hub changes.Hub
			for i := range watchers {
				s := changes.NewSubscription()
				if err := s.Do(changes.Command{Watch: changes.Watch{Kind: changes.ADocument, Name: fmt.Sprint("users/", i)}}); err != nil {
					b.Fatal(err)
				}
				hub.Join(s)
			}
			list := []changes.Change{changes.Document{Act: changes.Put, ID: "orders/1", Collection: "Orders"}}
			b.ReportAllocs()
			for b.Loop() {
				if hub.Watched() {
					hub.Publish(list)
				}
			}
		})
	}
}
