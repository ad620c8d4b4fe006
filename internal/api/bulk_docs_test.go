package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const bulk = "/databases/db1/bulk_docs"

func TestBulkDocs_AnswersInTheShapeOfClients(t *testing.T) {
	n := startNode(t)
	a := n.want(http.StatusCreated, "POST", bulk+"?", `{"Commands":[
		{"Id":"users/1-A","Document":{"name":"x","@metadata":{"@collection":"Users","Raven-Node-Type":"User","@nested-object-types":{}}},"Type":"PUT"},
		{"ChangeVector":null,"Id":"users/","Document":{"@metadata":{"@collection":"Users"}},"Type":"PUT"},
		{"Id":"users/1-A","ChangeVector":null,"Type":"DELETE"},
		{"Id":"nobody","Type":"DELETE"}]}`)
	a.wantMember(t, "PUT", "Results", 0, "Type")
	a.wantMember(t, "users/1-A", "Results", 0, "@id")
	a.wantMember(t, "Users", "Results", 0, "@collection")
	a.wantMember(t, "users/0000000000000000002-A", "Results", 1, "@id")
	a.wantMember(t, "users/1-A", "Results", 2, "Id")
	a.wantMember(t, true, "Results", 2, "Deleted")
	a.wantMember(t, false, "Results", 3, "Deleted")
	n.want(http.StatusNotFound, "GET", docs+"?id=users/1-A", "")
}

func TestBulkDocs_IsAllOrNothing(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	f := func(status int, class, commands string) {
		t.Helper()
		n.want(status, "POST", bulk, `{"Commands":[`+commands+`]}`).wantError(t, class, "")
		n.want(http.StatusNotFound, "GET", docs+"?id=b", "")
		n.want(http.StatusOK, "GET", docs+"?id=a", "").wantMember(t, 1.0, "Results", 0, "v")
	}
	putB := `{"Type":"PUT","Id":"b","Document":{}}`
	f(409, "ConcurrencyException", putB+`,{"Type":"PUT","Id":"a","ChangeVector":"","Document":{"v":2}}`)
	f(409, "ConcurrencyException", putB+`,{"Type":"DELETE","Id":"a","ChangeVector":"A:99-x"}`)
	f(400, "BadRequestException", putB+`,{"Type":"PUT","Id":"a"}`)
	f(400, "BadRequestException", putB+`,{"Type":"Fly","Id":"a"}`)
	f(501, "NotSupportedException", putB+`,{"Type":"PATCH","Id":"a","Patch":{"Script":"this.v=2"}}`)
	n.want(501, "POST", bulk, `{"Commands":[`+putB+`],"TransactionMode":"ClusterWide"}`).wantError(t, "NotSupportedException", "ClusterWide")
	n.want(400, "POST", bulk, `{"commands":[]}`).wantError(t, "BadRequestException", "Commands")
}

func TestBulkDocs_DeletesByPrefix(t *testing.T) {
	n := startNode(t)
	for i := range 10 {
		n.want(http.StatusCreated, "PUT", fmt.Sprintf("%s?id=users/%d", docs, i), `{}`)
	}
	n.want(http.StatusCreated, "PUT", docs+"?id=other", `{}`)
	n.want(http.StatusCreated, "POST", bulk, `{"Commands":[{"Id":"USERS/","IdPrefixed":true,"Type":"DELETE"}]}`).
		wantMember(t, true, "Results", 0, "Deleted")
	n.want(http.StatusOK, "GET", "/databases/db1/stats", "").wantMember(t, 1.0, "CountOfDocuments")
}

// One guilty command among many at once fails alone; what shared its transaction is stored.
func TestBulkDocs_GuiltyCommandFailsAlone(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=taken", `{}`)
	const writers = 100
	status := make([]int, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			id, expect := fmt.Sprintf("doc/%d", i), "null"
			if i == 37 {
				id, expect = "taken", `"A:99-x"`
			}
			// The first put of each batch is good, so that the guilty one fails after it has changed something.
			body := fmt.Sprintf(`{"Commands":[{"Type":"PUT","Id":"first/%d","Document":{}},{"Type":"PUT","Id":%q,"ChangeVector":%s,"Document":{}}]}`, i, id, expect)
			req, err := http.NewRequestWithContext(t.Context(), "POST", n.url+bulk, strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
			status[i] = resp.StatusCode
		})
	}
	wg.Wait()
	for i, s := range status {
		want := http.StatusCreated
		if i == 37 {
			want = http.StatusConflict
		}
		if s != want {
			t.Errorf("writer %d: status %d, want %d", i, s, want)
		}
	}
	n.want(http.StatusNotFound, "GET", docs+"?id=first/37", "")
	n.want(http.StatusOK, "GET", "/databases/db1/stats", "").wantMember(t, float64(1+2*(writers-1)), "CountOfDocuments")
}

func TestMultiGet(t *testing.T) {
	n := startNode(t)
	put := n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1,"@metadata":{"@collection":"Things"}}`)
	cv, _ := put.get(t, "ChangeVector").(string)
	a := n.want(http.StatusOK, "POST", "/databases/db1/multi_get", `{"Requests":[
		{"Url":"/databases/db1/docs","Query":"?&id=a","Method":"GET","Headers":{}},
		{"Url":"/databases/db1/docs","Query":"?&id=missing","Method":null,"Headers":{}},
		{"Url":"/databases/db1/docs","Query":"?&id=a","Method":"GET","Headers":{"If-None-Match":"`+cv+`"}},
		{"Url":"/databases/db1/queries","Query":"?queryHash=1","Method":"POST","Headers":{},"Content":"{\"Query\":\"from Things\"}"},
		{"Url":"/databases/db1/queries","Query":"","Method":"POST","Headers":{},"Content":{"Query":"from"}},
		{"Url":"/databases/other/docs","Query":"?id=a","Method":"GET","Headers":{}},
		{"Url":"/databases/db1/docs","Query":"?id=a","Method":"DELETE","Headers":{}}]}`)
	a.wantMember(t, 1.0, "Results", 0, "Result", "Results", 0, "v")
	a.wantMember(t, `"`+cv+`"`, "Results", 0, "Headers", "ETag")
	a.wantMember(t, 404.0, "Results", 1, "StatusCode")
	a.wantMember(t, nil, "Results", 1, "Result", "Results", 0)
	a.wantMember(t, 304.0, "Results", 2, "StatusCode")
	a.wantMember(t, nil, "Results", 2, "Result")
	a.wantMember(t, 1.0, "Results", 3, "Result", "Results", 0, "v")
	a.wantMember(t, 400.0, "Results", 4, "StatusCode")
	a.wantMember(t, "Raven.Client.Exceptions.InvalidQueryException", "Results", 4, "Result", "Type")
	a.wantMember(t, 501.0, "Results", 5, "StatusCode")
	a.wantMember(t, 501.0, "Results", 6, "StatusCode")
	n.want(http.StatusOK, "GET", docs+"?id=a", "")
}
