package api_test

import (
	"net/http"
	"strings"
	"testing"
)

const docs = "/databases/db1/docs"

func TestPutDocument_ComesBackAsWritten(t *testing.T) {
	n := startNode(t)
	put := n.want(http.StatusCreated, "PUT", docs+"?id=users%2F1", `{"name":"Ada","n":1.50,"big":12345678901234567890,"@metadata":{"@collection":"Users","x":null}}`)
	put.wantMember(t, "users/1", "Id")
	cv, _ := put.get(t, "ChangeVector").(string)

	got := n.want(http.StatusOK, "GET", docs+"?id=USERS/1", "")
	if !strings.Contains(got.body, `"name":"Ada","n":1.50,"big":12345678901234567890`) {
		t.Errorf("body is not as written: %s", got.body)
	}
	got.wantMember(t, "users/1", "Results", 0, "@metadata", "@id")
	got.wantMember(t, "Users", "Results", 0, "@metadata", "@collection")
	got.wantMember(t, cv, "Results", 0, "@metadata", "@change-vector")
	if etag := got.header.Get("ETag"); etag != `"`+cv+`"` {
		t.Errorf("ETag = %s, want the quoted change vector %s", etag, cv)
	}
	if v := got.header.Get("Raven-Server-Version"); v == "" {
		t.Error("no Raven-Server-Version")
	}
}

func TestGetDocuments_AnswersByConditionAndOrder(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=b", `{"v":2,"ref":"a","list":[{"r":"c"},{"r":"missing"},{"r":7}]}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=c", `{"v":3}`)

	one := n.want(http.StatusOK, "GET", docs+"?id=a", "")
	n.want(http.StatusNotModified, "GET", docs+"?id=a", "", "If-None-Match", one.header.Get("ETag"))
	n.want(http.StatusNotFound, "GET", docs+"?id=zzz", "")
	n.want(http.StatusNotFound, "GET", docs+"?id=", "")
	n.want(http.StatusNotFound, "GET", docs+"?id=zzz", "", "If-None-Match", `"404 Response"`)

	many := n.want(http.StatusOK, "GET", docs+"?&id=c&id=zzz&id=a&id=", "")
	many.wantMember(t, 3.0, "Results", 0, "v")
	many.wantMember(t, nil, "Results", 1)
	many.wantMember(t, 1.0, "Results", 2, "v")
	many.wantMember(t, nil, "Results", 3)
	n.want(http.StatusNotModified, "GET", docs+"?&id=c&id=zzz&id=a&id=", "", "If-None-Match", many.header.Get("ETag"))
	n.want(http.StatusCreated, "PUT", docs+"?id=zzz", `{}`)
	n.want(http.StatusOK, "GET", docs+"?&id=c&id=zzz&id=a&id=", "", "If-None-Match", many.header.Get("ETag"))

	posted := n.want(http.StatusOK, "POST", docs+"?&loadHash=1", `{"Ids":["b",null,"a"]}`)
	posted.wantMember(t, 2.0, "Results", 0, "v")
	posted.wantMember(t, nil, "Results", 1)

	with := n.want(http.StatusOK, "GET", docs+"?&include=ref&include=list[].r&id=b", "")
	with.wantMember(t, 1.0, "Includes", "a", "v")
	with.wantMember(t, 3.0, "Includes", "c", "v")
	// what was asked for itself is not repeated
	both := n.want(http.StatusOK, "GET", docs+"?&include=ref&id=b&id=a", "")
	both.wantMember(t, nil, "Includes", "a")

	meta := n.want(http.StatusOK, "GET", docs+"?id=b&metadataOnly=true", "")
	meta.wantMember(t, nil, "Results", 0, "v")
	meta.wantMember(t, "b", "Results", 0, "@metadata", "@id")
}

func TestGetDocuments_ByPrefix(t *testing.T) {
	n := startNode(t)
	for _, id := range []string{"users/1", "users/10", "users/2", "Users/3", "orders/1"} {
		n.want(http.StatusCreated, "PUT", docs+"?id="+id, `{}`)
	}
	f := func(query string, want ...string) {
		t.Helper()
		a := n.want(http.StatusOK, "GET", docs+"?"+query, "")
		results, _ := a.get(t, "Results").([]any)
		if len(results) != len(want) {
			t.Fatalf("%s: %d results, want %d: %s", query, len(results), len(want), a.body)
		}
		for i, id := range want {
			a.wantMember(t, id, "Results", i, "@metadata", "@id")
		}
	}
	f("startsWith=users%2F", "users/1", "users/10", "users/2", "Users/3")
	f("startsWith=users%2F&start=1&pageSize=2", "users/10", "users/2")
	f("startsWith=users%2F&matches=1*%7C3", "users/1", "users/10", "Users/3")
	f("startsWith=users%2F&matches=&exclude=1*&start=0&pageSize=25&startAfter=", "users/2", "Users/3")
	f("startsWith=users%2F&startAfter=users/10", "users/2", "Users/3")
	f("startsWith=nothing")
	f("startsWith=users%2F&pageSize=0")
	// without ids and prefix: the last written first
	f("start=0&pageSize=2", "orders/1", "Users/3")
	f("start=4&pageSize=2", "users/1")
}

func TestHeadDocument(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{}`)
	a := n.want(http.StatusOK, "HEAD", docs+"?id=a", "")
	cv := strings.Trim(a.header.Get("ETag"), `"`)
	if cv == "" {
		t.Fatal("no ETag")
	}
	n.want(http.StatusNotModified, "HEAD", docs+"?id=a", "", "If-None-Match", cv)
	n.want(http.StatusNotFound, "HEAD", docs+"?id=b", "")
}

func TestPutDocument_ChecksIfMatch(t *testing.T) {
	n := startNode(t)
	put := n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	cv, _ := put.get(t, "ChangeVector").(string)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":2}`, "If-Match", `"`+cv+`"`)
	n.want(http.StatusConflict, "PUT", docs+"?id=a", `{"v":3}`, "If-Match", `"`+cv+`"`).wantError(t, "ConcurrencyException", "a")
	n.want(http.StatusConflict, "PUT", docs+"?id=a", `{"v":3}`, "If-Match", `"invalidCV"`).wantError(t, "ConcurrencyException", "invalidCV")
	n.want(http.StatusConflict, "PUT", docs+"?id=new", `{"v":3}`, "If-Match", `"`+cv+`"`)
	n.want(http.StatusConflict, "DELETE", docs+"?id=a", "", "If-Match", `"`+cv+`"`)
	n.want(http.StatusOK, "GET", docs+"?id=a", "").wantMember(t, 2.0, "Results", 0, "v")
	n.want(http.StatusNoContent, "DELETE", docs+"?id=a", "")
	n.want(http.StatusNoContent, "DELETE", docs+"?id=a", "")
	n.want(http.StatusNotFound, "GET", docs+"?id=a", "")
}

func TestPutDocument_CompletesIDs(t *testing.T) {
	n := startNode(t)
	a := n.want(http.StatusCreated, "PUT", docs+"?id=users/", `{}`)
	a.wantMember(t, "users/0000000000000000001-A", "Id")
	guid, _ := n.want(http.StatusCreated, "PUT", docs+"?id=", `{}`).get(t, "Id").(string)
	if len(guid) != 36 || strings.Count(guid, "-") != 4 {
		t.Errorf("made id %q, want a GUID", guid)
	}
}

func TestPutDocument_RefusesBadInput(t *testing.T) {
	n := startNode(t)
	f := func(id, body string, status int, class, part string) {
		t.Helper()
		a := n.want(status, "PUT", docs+"?id="+id, body)
		a.wantError(t, class, part)
	}
	f("a", "{\n  \"x\": }", 400, "DocumentParseException", "line 2, column 8")
	f("a", `{"x":1,"x":2}`, 400, "DocumentParseException", "x")
	f("a", `{"x":"`+"\xff"+`"}`, 400, "DocumentParseException", "UTF-8")
	f("a", strings.Repeat(`{"a":`, 200)+"1"+strings.Repeat("}", 200), 400, "DocumentParseException", "128")
	f("a", `[1]`, 400, "BadRequestException", "object")
	f("a", ``, 400, "DocumentParseException", "")
	f(strings.Repeat("x", 513), `{}`, 413, "BadRequestException", "512")
	f(`a%5Cb`, `{}`, 400, "BadRequestException", `\`)
	n.want(400, "PUT", docs+"?id=%7C", `{}`).wantError(t, "BadRequestException", "identity")
	n.want(400, "PUT", docs, `{}`).wantError(t, "BadRequestException", "id")
	n.want(200, "GET", "/databases/db1/stats", "").wantMember(t, 0.0, "CountOfDocuments")
}
