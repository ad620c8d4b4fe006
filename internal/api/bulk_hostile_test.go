package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A command that says something else than its writer can have meant is refused, with its place, and nothing is written.
func TestBulkDocs_RefusesOddCommands(t *testing.T) {
	n := startNode(t)
	f := func(status int, class, part, commands string) {
		t.Helper()
		n.want(status, "POST", bulk, `{"Commands":[{"Type":"PUT","Id":"first","Document":{}},`+commands+`]}`).wantError(t, class, part)
		n.want(http.StatusNotFound, "GET", docs+"?id=first", "")
	}
	const bad = "BadRequestException"
	f(400, bad, `entry 1 of Commands: a command is null`, `null`)
	f(400, bad, "entry 1 of Commands", `[]`)
	f(400, bad, `member Type is missing`, `{}`)
	f(400, bad, `member Type is 5`, `{"Type":5}`)
	f(400, bad, `member Type is "Put it"`, `{"Type":"Put it"}`)
	f(400, bad, `entry 2 of Commands: member Id is 7`, `{"Type":"DELETE","Id":"x"},{"Type":"PUT","Id":7,"Document":{}}`)
	f(400, bad, "member Id", `{"Type":"DELETE"}`)
	f(400, bad, "member Id", `{"Type":"DELETE","Id":null}`)
	f(400, bad, "member Id", `{"Type":"DELETE","Id":["x"]}`)
	f(400, bad, "member ChangeVector", `{"Type":"PUT","Id":"x","Document":{},"ChangeVector":12}`)
	f(400, bad, "member ChangeVector", `{"Type":"DELETE","Id":"x","ChangeVector":{}}`)
	f(400, bad, "member IdPrefixed", `{"Type":"DELETE","Id":"x","IdPrefixed":"true"}`)
	f(501, "NotSupportedException", "prefix", `{"Type":"DELETE","Id":"x","IdPrefixed":true,"ChangeVector":"A:1-x"}`)
	f(400, bad, "member Document", `{"Type":"PUT","Id":"x","Document":null}`)
	f(400, bad, "member Document", `{"Type":"PUT","Id":"x","Document":[]}`)
	f(400, bad, "@metadata", `{"Type":"PUT","Id":"x","Document":{"@metadata":"y"}}`)
	f(400, bad, "identity", `{"Type":"PUT","Id":"|","Document":{}}`)
	f(400, bad, `member ForceRevisionCreationStrategy is "After"`, `{"Type":"PUT","Id":"x","Document":{},"ForceRevisionCreationStrategy":"After"}`)
	f(400, bad, "member Id of a ForceRevisionCreation", `{"Type":"ForceRevisionCreation"}`)
	f(500, "DocumentDoesNotExistException", "Can't force revision creation - the document was not saved on the server yet", `{"Type":"ForceRevisionCreation","Id":"x"}`)
	f(400, bad, "ForceRevisionCreationStrategy", `{"Type":"PUT","Id":"x","Document":{},"ForceRevisionCreationStrategy":1}`)
	for typ := range strings.FieldsSeq("PATCH BatchPATCH AttachmentPUT AttachmentDELETE AttachmentCOPY AttachmentMOVE Counters TimeSeries " +
		"TimeSeriesCopy CompareExchangePUT CompareExchangeDELETE JsonPatch") {
		f(501, "NotSupportedException", typ, `{"Type":"`+typ+`","Id":"x"}`)
	}
	whole := func(status int, class, part, body string) {
		t.Helper()
		n.want(status, "POST", bulk, body).wantError(t, class, part)
	}
	const parse = "Documents.DocumentParseException"
	whole(400, parse, "empty", ``)
	whole(400, bad, "a JSON object", `[]`)
	whole(400, bad, "member Commands is missing", `{"Commands":null}`)
	whole(400, bad, `member Commands is {}`, `{"Commands":{}}`)
	whole(400, bad, "member TransactionMode", `{"Commands":[],"TransactionMode":1}`)
	whole(400, parse, `line 1, column 16: property "Commands" appears twice`, `{"Commands":[],"Commands":[]}`)
	whole(400, parse, "line 2, column 3", "{\"Commands\":\n[ }")
}

func TestBulkDocs_TakesWhatClientsSend(t *testing.T) {
	n := startNode(t)
	f := func(results int, body string) answer {
		t.Helper()
		a := n.want(http.StatusCreated, "POST", bulk, body, "Content-Type", "text/plain;charset=UTF-8")
		if got, _ := a.get(t, "Results").([]any); len(got) != results {
			t.Errorf("%d results, want %d: %s", len(got), results, a.body)
		}
		return a
	}
	f(0, `{"Commands":[]}`)
	f(0, `{"Commands":[],"TransactionMode":"SingleNode","Unknown":{"a":[1]}}`)
	f(0, `{"Commands":[],"TransactionMode":null}`)
	f(1, `{"Commands":[{"Unknown":[{}],"Document":{"v":1},"OriginalChangeVector":"A:1-x","ChangeVector":null,"Id":"a","ForceRevisionCreationStrategy":"None","Type":"put"}]}`)
	f(1, `{"Commands":[{"Document":{"v":1},"Id":"gone","Type":"Delete"}]}`).wantMember(t, false, "Results", 0, "Deleted")
	if id, _ := f(1, `{"Commands":[{"Id":null,"Document":{},"Type":"PUT"}]}`).get(t, "Results", 0, "@id").(string); strings.Count(id, "-") != 4 {
		t.Errorf("the id for null is %q, want a GUID", id)
	}
	n.want(http.StatusCreated, "POST", bulk+"?&waitForReplicasTimeout=00:00:30&numberOfReplicasToWaitFor=majority&waitForIndexesTimeout=00:00:03"+
		"&waitForIndexThrow=true&waitForSpecificIndex=A&waitForSpecificIndex=B", `{"Commands":[{"Type":"DELETE","Id":"a"}]}`)
	n.want(http.StatusInternalServerError, "POST", bulk+"?&waitForReplicasTimeout=00:00:30&numberOfReplicasToWaitFor=2", `{"Commands":[]}`).
		wantError(t, "RavenTimeoutException", "one copy")
}

// Later commands see what earlier ones of the same batch did.
func TestBulkDocs_SameIDTwice(t *testing.T) {
	n := startNode(t)
	f := func(status int, commands string) answer {
		t.Helper()
		return n.want(status, "POST", bulk, `{"Commands":[`+commands+`]}`)
	}
	put := func(v int, more string) string {
		return fmt.Sprintf(`{"Type":"PUT","Id":"a","Document":{"v":%d}%s}`, v, more)
	}
	const remove = `{"Type":"DELETE","Id":"A"}`
	first, _ := f(201, put(1, `,"ChangeVector":""`)+","+put(2, "")).get(t, "Results", 0, "@change-vector").(string)
	n.want(http.StatusOK, "GET", docs+"?id=a", "").wantMember(t, 2.0, "Results", 0, "v")
	f(409, put(3, `,"ChangeVector":"`+first+`"`)).wantError(t, "ConcurrencyException", first)
	second := strings.Trim(n.want(http.StatusOK, "HEAD", docs+"?id=a", "").header.Get("ETag"), `"`)
	f(409, put(3, `,"ChangeVector":"`+second+`"`)+","+put(4, `,"ChangeVector":"`+second+`"`)) // the first put made it another
	f(409, put(3, "")+","+put(4, `,"ChangeVector":""`))
	n.want(http.StatusOK, "GET", docs+"?id=a", "").wantMember(t, 2.0, "Results", 0, "v")

	a := f(201, remove+","+put(5, `,"ChangeVector":""`)+","+remove+","+remove)
	a.wantMember(t, true, "Results", 0, "Deleted")
	a.wantMember(t, true, "Results", 2, "Deleted")
	a.wantMember(t, false, "Results", 3, "Deleted")
	n.want(http.StatusNotFound, "GET", docs+"?id=a", "")

	// another collection needs a delete before, in the same batch if need be
	inOrders := `{"Type":"PUT","Id":"a","Document":{"@metadata":{"@collection":"Orders"}}}`
	f(201, `{"Type":"PUT","Id":"a","Document":{"@metadata":{"@collection":"Users"}}}`)
	f(400, inOrders).wantError(t, "DocumentCollectionMismatchException", "Users")
	f(201, remove+","+inOrders).wantMember(t, "Orders", "Results", 1, "@collection")
}

func TestBulkDocs_TenThousandCommands(t *testing.T) {
	n := startNode(t)
	var body strings.Builder
	const count = 10_000
	for i := range count {
		fmt.Fprintf(&body, `,{"Document":{"i":%d,"@metadata":{"@collection":"Many"}},"Id":"many/%d","Type":"PUT"}`, i, i)
	}
	commands := body.String()[1:]
	n.want(http.StatusConflict, "POST", bulk, `{"Commands":[`+commands+`,{"Type":"DELETE","Id":"many/7","ChangeVector":"A:1-x"}]}`)
	n.want(http.StatusOK, "GET", "/databases/db1/stats", "").wantMember(t, 0.0, "CountOfDocuments")
	a := n.want(http.StatusCreated, "POST", bulk, `{"Commands":[`+commands+`]}`)
	a.wantMember(t, "many/9999", "Results", count-1, "@id")
	n.want(http.StatusOK, "GET", "/databases/db1/collections/stats", "").wantMember(t, float64(count), "Collections", "Many")
	page := n.want(http.StatusOK, "GET", docs+"?startsWith=many/&start=9990&pageSize=1000000", "")
	if got, _ := page.get(t, "Results").([]any); len(got) != 10 {
		t.Errorf("%d results, want 10", len(got))
	}
}
