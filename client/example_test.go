package client_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rookerydb/rookery/client"
	"github.com/rookerydb/rookery/client/clienttest"
)

// Employee is stored in the collection Employees, because of its name.
type Employee struct {
	ID      string `json:"-" rookery:"id"`
	Name    string
	Manager string `json:",omitempty"` // id of another one
}

// check ends the example on an error; a program would return it.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// openShop opens a store of a node that lives in this process. A program gives the address of a real one.
func openShop(ctx context.Context) (store *client.Store, closeAll func()) {
	url, stop, err := clienttest.Start()
	check(err)
	store, err = client.Open(ctx, client.Config{URLs: []string{url}, Database: "shop"})
	check(err)
	check(store.CreateDatabase(ctx, "shop", client.DatabaseOptions{}))
	return store, func() {
		check(errors.Join(store.Close(ctx), stop()))
	}
}

func Example() {
	ctx := context.Background()
	store, closeAll := openShop(ctx)
	defer closeAll()

	s := store.Session()
	nancy := &Employee{Name: "Nancy"}
	check(s.Store(ctx, nancy, "")) // she has her id from here on
	check(s.Store(ctx, &Employee{Name: "Robert", Manager: nancy.ID}, ""))
	check(s.SaveChanges(ctx)) // one transaction

	s = store.Session()
	robert, ok, err := client.Load[Employee](ctx, s, "employees/2-A", client.Include("Manager"))
	check(err)
	if !ok {
		panic("employees/2-A is not there")
	}
	manager, _, err := client.Load[Employee](ctx, s, robert.Manager) // came along: no request
	check(err)
	fmt.Println(robert.Name, "works for", manager.Name, "-", s.Requests(), "request")

	robert.Name = "Robert K."
	changes, err := s.WhatChanged()
	check(err)
	for _, field := range changes[0].Fields {
		fmt.Printf("%s: %s %s from %s to %s\n", changes[0].ID, field.Path, field.Kind, field.Old, field.New)
	}
	fmt.Println(s.SaveChanges(ctx))
	// Output:
	// Robert works for Nancy - 1 request
	// employees/2-A: Name changed from "Robert" to "Robert K."
	// <nil>
}

func ExampleQuery() {
	ctx := context.Background()
	store, closeAll := openShop(ctx)
	defer closeAll()
	s := store.Session()
	for _, name := range []string{"Nancy", "Robert", "Anne"} {
		check(s.Store(ctx, &Employee{Name: name}, "employees/"+name))
	}
	check(s.SaveChanges(ctx))

	rows := client.Query[Employee](ctx, s, "from Employees where id() in ($ids)", client.Param("ids", []string{"employees/Anne", "employees/Nancy"}))
	for e, err := range rows {
		check(err)
		fmt.Println(e.Name)
	}
	fmt.Println(client.Count(ctx, s, "from Employees"))
	// Unordered output:
	// Anne
	// Nancy
	// 3 <nil>
}

// Somebody else was faster: nothing is lost, and the error says what happened.
func ExampleConcurrencyError() {
	ctx := context.Background()
	store, closeAll := openShop(ctx)
	defer closeAll()
	first, second := store.Session(), store.Session()
	check(errors.Join(first.Store(ctx, &Employee{Name: "Nancy"}, "employees/1"), first.SaveChanges(ctx)))
	check(second.Store(ctx, &Employee{Name: "Robert"}, "employees/1"))
	err := second.SaveChanges(ctx)
	if e, ok := errors.AsType[*client.ConcurrencyError](err); ok {
		fmt.Println("document", e.ID, "is not what the session saw")
	}
	// Output: document employees/1 is not what the session saw
}
