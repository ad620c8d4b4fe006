package client_test

import (
	"reflect"
	"testing"

	"github.com/rookerydb/rookery/client"
)

type (
	category    struct{}
	day         struct{}
	box         struct{}
	Person      struct{}
	page[T any] struct{ _ T }
)

func TestCollectionName(t *testing.T) {
	for want, v := range map[string]any{
		"Users": user{}, "companies": company{}, "categories": category{}, "days": day{}, "boxes": box{}, "People": Person{}, "pages": page[user]{}, "": map[string]any{},
	} {
		if got := client.CollectionName(reflect.TypeOf(v)); got != want {
			t.Errorf("%T: %q, want %q", v, got, want)
		}
	}
}

func TestIDPrefix(t *testing.T) {
	for in, want := range map[string]string{"Users": "users", "ToDoTasks": "ToDoTasks", "things": "things", "": ""} {
		if got := client.IDPrefix(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestConfig_RefusesWhatMakesNoSense(t *testing.T) {
	for _, urls := range [][]string{nil, {""}, {"localhost:8080"}, {"ftp://a"}, {"http://"}} {
		_, err := client.Open(t.Context(), client.Config{URLs: urls, Database: "x"})
		wantAs[*client.UsageError](t, err)
	}
	store, err := client.Open(t.Context(), client.Config{URLs: []string{startNode(t)}})
	must(t, err)
	_, _, err = client.Load[user](t.Context(), store.Session(), "x")
	wantAs[*client.UsageError](t, err)
	must(t, store.Close(t.Context()))
}
