package sampledata_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/sampledata"
)

// goldenHash is over every id and text, each followed by a newline. It changes only when somebody means to change the
// sample: then put the new value here and say so in a change fragment, for guides quote these documents.
const goldenHash = "fd6d2c05ea63fbd0d7ff236a56b166dbe15be370a8d8df6c9b5965728e3aef3a"

func all(t *testing.T) map[string]map[string]any {
	t.Helper()
	docs := map[string]map[string]any{}
	for id, text := range sampledata.Documents() {
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s is not JSON: %v\n%s", id, err, text)
		}
		if docs[id] != nil {
			t.Fatalf("%s comes twice", id)
		}
		docs[id] = doc
	}
	return docs
}

func collection(doc map[string]any) string {
	metadata, _ := doc["@metadata"].(map[string]any)
	name, _ := metadata["@collection"].(string)
	return name
}

func TestDocuments_HasTheCountsThatClientsExpect(t *testing.T) {
	got := map[string]int{}
	for _, doc := range all(t) {
		got[collection(doc)]++
	}
	want := map[string]int{
		"Categories": 8, "Companies": 91, "Employees": 9, "Orders": 830, "Products": 77, "Regions": 4, "Shippers": 3, "Suppliers": 29,
		"@hilo": 8,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("documents by collection (-got +want):\n%s", diff)
	}
	total := 0
	for _, n := range got {
		total += n
	}
	if want := sampledata.Count; total != want {
		t.Errorf("got %d documents, want Count, which is %d", total, want)
	}
}

func TestDocuments_IsTheSameEveryTime(t *testing.T) {
	hash := func() string {
		h := sha256.New()
		for id, text := range sampledata.Documents() {
			fmt.Fprintf(h, "%s\n%s\n", id, text)
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	first, second := hash(), hash()
	if first != second {
		t.Errorf("two runs differ: %s, %s", first, second)
	}
	if first != goldenHash {
		t.Errorf("hash of the sample: got %s, want %s", first, goldenHash)
	}
}

// Every string in a document that looks like the id of a sample document is one, and came before.
func TestDocuments_ReferToEarlierDocuments(t *testing.T) {
	seen := map[string]bool{}
	references := 0
	for id, text := range sampledata.Documents() {
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		for _, s := range stringsIn(doc) {
			if !strings.HasSuffix(s, "-A") {
				continue
			}
			references++
			forward := collection(doc.(map[string]any)) == "Employees" // who report to each other
			if !seen[s] && !forward {
				t.Errorf("%s refers to %s, which did not come before", id, s)
			}
		}
		seen[id] = true
	}
	if references < 830*4 {
		t.Errorf("only %d references found: the test looks at the wrong thing", references)
	}
	for id, doc := range all(t) {
		if to, ok := doc["ReportsTo"].(string); ok && (!seen[to] || to == id) {
			t.Errorf("%s reports to %s", id, to)
		}
	}
}

func TestDocuments_KeepCountersOfIdsAboveEveryId(t *testing.T) {
	docs := all(t)
	highest := map[string]float64{}
	for id := range docs {
		prefix, rest, _ := strings.Cut(id, "/")
		if n, err := strconv.ParseFloat(strings.TrimSuffix(rest, "-A"), 64); err == nil {
			highest[prefix] = max(highest[prefix], n)
		}
	}
	if len(highest) != 8 {
		t.Fatalf("prefixes: got %v, want 8", slices.Sorted(maps.Keys(highest)))
	}
	for prefix, n := range highest {
		counter := docs["Raven/Hilo/"+prefix]
		if limit, ok := counter["Max"].(float64); !ok || limit < n {
			t.Errorf("Raven/Hilo/%s: got Max %v, want at least %v", prefix, counter["Max"], n)
		}
	}
}

// The names of the properties are what documentation and courses use; a rename breaks them silently.
func TestDocuments_HaveTheKnownShapes(t *testing.T) {
	docs := all(t)
	f := func(id, want string) {
		t.Helper()
		names := slices.Sorted(maps.Keys(docs[id]))
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", id, got, want)
		}
	}
	f("orders/1-A", "@metadata Company Employee Freight Lines OrderedAt RequireAt ShipTo ShipVia ShippedAt")
	f("companies/1-A", "@metadata Address Contact ExternalId Fax Name Phone")
	f("employees/1-A", "@metadata Address Birthday Extension FirstName HiredAt HomePhone LastName Notes ReportsTo Territories Title")
	f("products/1-A", "@metadata Category Discontinued Name PricePerUnit QuantityPerUnit ReorderLevel Supplier UnitsInStock UnitsOnOrder")
	f("suppliers/1-A", "@metadata Address Contact Fax HomePage Name Phone")
	f("categories/1-A", "@metadata Description Name")
	f("regions/1-A", "@metadata Name Territories")
	f("shippers/1-A", "@metadata Name Phone")

	line := docs["orders/1-A"]["Lines"].([]any)[0].(map[string]any)
	if got, want := strings.Join(slices.Sorted(maps.Keys(line)), " "), "Discount PricePerUnit Product ProductName Quantity"; got != want {
		t.Errorf("line: got %s, want %s", got, want)
	}
	shipTo := docs["orders/1-A"]["ShipTo"].(map[string]any)
	if got, want := strings.Join(slices.Sorted(maps.Keys(shipTo)), " "), "City Country Line1 Line2 Location PostalCode Region"; got != want {
		t.Errorf("address: got %s, want %s", got, want)
	}
}

func TestDocuments_GiveEachCompanyItsOwnNames(t *testing.T) {
	names, externals := map[any]string{}, map[any]string{}
	for id, doc := range all(t) {
		if collection(doc) != "Companies" {
			continue
		}
		if other := names[doc["Name"]]; other != "" {
			t.Errorf("%s and %s are both called %v", id, other, doc["Name"])
		}
		if other := externals[doc["ExternalId"]]; other != "" {
			t.Errorf("%s and %s are both %v", id, other, doc["ExternalId"])
		}
		names[doc["Name"]], externals[doc["ExternalId"]] = id, id
		if external, _ := doc["ExternalId"].(string); len(external) != 5 {
			t.Errorf("%s: ExternalId %q is not five letters", id, external)
		}
	}
}

func TestDocuments_OrderEachProductAtMostOnceAnOrder(t *testing.T) {
	ordered := map[string]bool{}
	for id, doc := range all(t) {
		if collection(doc) != "Orders" {
			continue
		}
		inOrder := map[string]bool{}
		for _, line := range doc["Lines"].([]any) {
			product := line.(map[string]any)["Product"].(string)
			if inOrder[product] {
				t.Errorf("%s has two lines for %s", id, product)
			}
			inOrder[product], ordered[product] = true, true
		}
	}
	if got, want := len(ordered), 77; got != want {
		t.Errorf("products that were ever ordered: got %d, want %d", got, want)
	}
}

func TestDocuments_StopsWhenAskedTo(t *testing.T) {
	n := 0
	for range sampledata.Documents() {
		if n++; n == 40 {
			break
		}
	}
	if n != 40 {
		t.Errorf("got %d documents after breaking at 40", n)
	}
}

// stringsIn returns every string value below v.
func stringsIn(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, stringsIn(item)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, item := range v {
			all = append(all, stringsIn(item)...)
		}
		return all
	}
	return nil
}
