package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const exchange = "/databases/db1/cmpxchg"

func TestCompareExchange_PutGetDelete(t *testing.T) {
	n := startNode(t)
	a := n.want(http.StatusOK, "PUT", exchange+"?key=emails%2Fa+b&index=0&raft-request-id=r1", ` {"Object": {"n": 1.50, "s":"<&>"}, "@metadata":{"x":[1]}} `)
	a.wantMember(t, true, "Successful")
	index, _ := a.get(t, "Index").(float64)
	if want := fmt.Sprintf(`{"Index":%v,"Value":{"Object":{"n":1.50,"s":"<&>"},"@metadata":{"x":[1]}},"Successful":true}`, index); a.body != want {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
	if again := n.want(http.StatusOK, "PUT", exchange+"?key=emails%2Fa+b&index=0&raft-request-id=r1", `{"Object":{"n":1.50,"s":"<&>"},"@metadata":{"x":[1]}}`); again.body != a.body {
		t.Errorf("repeated: %s", again.body)
	}
	clash := n.want(http.StatusOK, "PUT", exchange+"?key=emails%2Fa+b&index=0", `{"Object":null}`)
	clash.wantMember(t, false, "Successful")
	clash.wantMember(t, index, "Index")
	clash.wantMember(t, 1.5, "Value", "Object", "n")

	for _, object := range []string{`null`, `7`, `"x"`, `[1]`, `false`} {
		key := exchange + "?key=" + strings.NewReplacer(`"`, "q", "[", "l", "]", "l").Replace(object)
		n.want(http.StatusOK, "PUT", key+"&index=0", `{"Object":`+object+`}`).wantMember(t, true, "Successful")
		if a := n.want(http.StatusOK, "GET", key, ""); !strings.Contains(a.body, `"Value":{"Object":`+object+`}`) {
			t.Errorf("%s came back as %s", object, a.body)
		}
	}
	n.want(http.StatusOK, "PUT", exchange+"?key=none&index=0", `{}`).wantMember(t, nil, "Value", "Object")

	got := n.want(http.StatusOK, "GET", exchange+"?&key=nope&key=EMAILS%2Fa%20b", "")
	got.wantMember(t, "emails/a b", "Results", 0, "Key")
	got.wantMember(t, index, "Results", 0, "Index")
	if cv, _ := got.get(t, "Results", 0, "ChangeVector").(string); !strings.HasPrefix(cv, fmt.Sprintf("RAFT:%v-", index)) {
		t.Errorf("change vector %q", cv)
	}
	if a := n.want(http.StatusOK, "GET", exchange+"?key=nope", ""); a.body != `{"Results":[]}` {
		t.Errorf("a missing key: %s", a.body)
	}
	missing := n.want(http.StatusOK, "DELETE", exchange+"?key=nope&index=0", "")
	missing.wantMember(t, false, "Successful")
	if i, _ := missing.get(t, "Index").(float64); i <= index {
		t.Errorf("index of an attempt = %v", i)
	}
	missing.wantMember(t, nil, "Value", "Object")
	n.want(http.StatusOK, "DELETE", exchange+"?key=emails%2Fa+b&index=1", "").wantMember(t, false, "Successful")
	gone := n.want(http.StatusOK, "DELETE", fmt.Sprintf("%s?key=emails%%2Fa+b&index=%v", exchange, index), "")
	gone.wantMember(t, true, "Successful")
	gone.wantMember(t, 1.5, "Value", "Object", "n")
}

func TestCompareExchange_Lists(t *testing.T) {
	n := startNode(t)
	for _, key := range []string{"b/3", "b/1", "a", "B/2", "c"} {
		n.want(http.StatusOK, "PUT", exchange+"?key="+key, `{"Object":1}`)
	}
	f := func(query, want string) {
		t.Helper()
		a := n.want(http.StatusOK, "GET", exchange+query, "")
		list, _ := a.get(t, "Results").([]any)
		var keys []string
		for i := range list {
			key, _ := a.get(t, "Results", i, "Key").(string)
			keys = append(keys, key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	f("", "a b/1 B/2 b/3 c")
	f("?startsWith=b", "b/1 B/2 b/3")
	f("?startsWith=b&start=1&pageSize=1", "B/2")
	f("?startsWith=b&pageSize=0", "")
	f("?startsWith=b&start=3", "")
	f("?startsWith=x", "")
	f("?key=c&key=a&key=c", "c a c")
	n.want(http.StatusOK, "GET", "/databases/db1/stats/detailed", "").wantMember(t, 5.0, "CountOfCompareExchange")
	n.want(http.StatusOK, "POST", "/databases/db1/multi_get", `{"Requests":[{"Url":"/databases/db1/cmpxchg","Query":"?&key=a"}]}`).
		wantMember(t, "a", "Results", 0, "Result", "Results", 0, "Key")
}

func TestCompareExchange_Refuses(t *testing.T) {
	n := startNode(t)
	f := func(status int, class, part, query, body string) {
		t.Helper()
		n.want(status, "PUT", exchange+query, body).wantError(t, class, part)
	}
	f(400, "BadRequestException", "key", "", `{"Object":1}`)
	f(400, "BadRequestException", "index", "?key=k&index=x", `{"Object":1}`)
	f(400, "BadRequestException", "index", "?key=k&index=-1", `{"Object":1}`)
	f(400, "BadRequestException", "object", "?key=k", `[1]`)
	f(400, "BadRequestException", "@metadata", "?key=k", `{"Object":1,"@metadata":7}`)
	f(400, "BadRequestException", "@expires", "?key=k", `{"Object":1,"@metadata":{"@expires":"soon"}}`)
	f(400, "BadRequestException", "@metadata", "?key=k", `{"Object":1,"@metadata":{"@expires":7}}`)
	f(400, "DocumentParseException", "", "?key=k", `{"Object":`)
	f(400, "CompareExchangeKeyTooBigException", "512", "?key="+strings.Repeat("k", 513), `{"Object":1}`)
	f(413, "BadRequestException", "16777216", "?key=k", `{"Object":"`+strings.Repeat("x", 16<<20)+`"}`)
	if a := n.want(http.StatusOK, "GET", exchange, ""); a.body != `{"Results":[]}` {
		t.Errorf("something was stored: %s", a.body)
	}
}

func TestCompareExchange_IncludedWithDocuments(t *testing.T) {
	n := startNode(t)
	for _, key := range []string{"emails/a", "emails/b", "rvn-atomic/x"} {
		n.want(http.StatusOK, "PUT", exchange+"?key="+key, `{"Object":1}`)
	}
	n.want(http.StatusCreated, "PUT", docs+"?id=u", `{"email":"EMAILS/a","all":["emails/a","emails/b","nope",7,"rvn-atomic/x"]}`)
	a := n.want(http.StatusOK, "GET", docs+"?id=u&cmpxchg=email&cmpxchg=all[]", "")
	values, _ := a.get(t, "CompareExchangeValueIncludes").(map[string]any)
	if len(values) != 2 {
		t.Errorf("included: %s", a.body)
	}
	a.wantMember(t, "emails/b", "CompareExchangeValueIncludes", "emails/b", "Key")
	a.wantMember(t, "EMAILS/a", "Results", 0, "email")
	n.want(http.StatusNotFound, "GET", docs+"?id=nope&cmpxchg=email", "")
}

func TestIdentities_NextSeedList(t *testing.T) {
	n := startNode(t)
	const at = "/databases/db1/identity/"
	n.want(http.StatusOK, "POST", at+"next?name=users%7C&raft-request-id=i1", "").wantMember(t, 1.0, "NewIdentityValue")
	n.want(http.StatusOK, "POST", at+"next?name=users%7C&raft-request-id=i1", "").wantMember(t, 1.0, "NewIdentityValue")
	n.want(http.StatusOK, "POST", at+"next?name=USERS", "").wantMember(t, 2.0, "NewIdentityValue")
	n.want(http.StatusOK, "POST", at+"seed?name=users%7C&value=1990", "").wantMember(t, 1990.0, "NewSeedValue")
	n.want(http.StatusOK, "POST", at+"seed?name=users%7C&value=5", "").wantMember(t, 1990.0, "NewSeedValue")
	n.want(http.StatusOK, "POST", at+"seed?name=users%7C&value=5&force=true", "").wantMember(t, 5.0, "NewSeedValue")
	if a := n.want(http.StatusOK, "GET", "/databases/db1/debug/identities", ""); a.body != `{"users|":5}` {
		t.Errorf("identities: %s", a.body)
	}
	n.want(http.StatusOK, "GET", "/databases/db1/stats/detailed", "").wantMember(t, 1.0, "CountOfIdentities")
	n.want(http.StatusBadRequest, "POST", at+"next", "").wantError(t, "BadRequestException", "name")
	n.want(http.StatusBadRequest, "POST", at+"next?name=%7C", "").wantError(t, "BadRequestException", "empty")
	n.want(http.StatusBadRequest, "POST", at+"seed?name=u", "").wantError(t, "BadRequestException", "value")
	n.want(http.StatusBadRequest, "POST", at+"seed?name=u&value=-1", "").wantError(t, "BadRequestException", "below 0")
}

func TestIdentities_CompleteIDs(t *testing.T) {
	n := startNode(t)
	ids := func(body string) string {
		t.Helper()
		a := n.want(http.StatusCreated, "POST", "/databases/db1/bulk_docs", `{"Commands":[`+body+`]}`)
		list, _ := a.get(t, "Results").([]any)
		var out []string
		for i := range list {
			id, _ := a.get(t, "Results", i, "@id").(string)
			out = append(out, id)
		}
		return strings.Join(out, " ")
	}
	const user = `{"Type":"PUT","Id":"users|","Document":{"@metadata":{"@collection":"Users"}}}`
	before := n.server.Cluster().State().Index
	if got := ids(user + `,{"Type":"PUT","Id":"x","Document":{}},` + user + `,{"Type":"PUT","Id":"Orders|","Document":{}}`); got != "users/1 x users/2 Orders/1" {
		t.Errorf("ids: %s", got)
	}
	if after := n.server.Cluster().State().Index; after != before+1 {
		t.Errorf("the batch took %d decisions, want 1", after-before)
	}

	// A document under the next id is not overwritten; the number is passed over.
	n.want(http.StatusCreated, "PUT", docs+"?id=users/3", `{"kept":true,"@metadata":{"@collection":"Users"}}`)
	if got := ids(user); got != "users/4" {
		t.Errorf("id: %s", got)
	}
	n.want(http.StatusOK, "GET", docs+"?id=users/3", "").wantMember(t, true, "Results", 0, "kept")

	// A batch that fails leaves a gap.
	n.want(http.StatusConflict, "POST", "/databases/db1/bulk_docs", `{"Commands":[`+user+`,{"Type":"PUT","Id":"x","ChangeVector":"","Document":{}}]}`)
	if got := ids(user); got != "users/6" {
		t.Errorf("id after a gap: %s", got)
	}

	// The separator of the client configuration.
	n.want(http.StatusNoContent, "PUT", "/databases/db1/admin/configuration/client", `{"IdentityPartsSeparator":":"}`)
	if got := ids(user + `,{"Type":"PUT","Id":"a/","Document":{}}`); got != "users:7 a/" {
		t.Errorf("with another separator: %s", got)
	}
	if got := ids(`{"Type":"PUT","Id":"a:","Document":{}}`); !strings.HasPrefix(got, "a:000000000000000") {
		t.Errorf("with another separator: %s", got)
	}
	n.want(http.StatusNoContent, "PUT", "/databases/db1/admin/configuration/client", `{"IdentityPartsSeparator":":","Disabled":true}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=users%7C", `{"@metadata":{"@collection":"Users"}}`).wantMember(t, "users/8", "Id")
}

// More documents in the way than attempts are a conflict, and none of them is touched.
func TestIdentities_GivesUpOnTakenIDs(t *testing.T) {
	n := startNode(t)
	for i := 1; i <= 20; i++ {
		n.want(http.StatusCreated, "PUT", fmt.Sprintf("%s?id=users/%d", docs, i), `{"kept":true}`)
	}
	n.want(http.StatusConflict, "PUT", docs+"?id=users%7C", `{}`).wantError(t, "ConcurrencyException", "users/16")
	n.want(http.StatusCreated, "PUT", docs+"?id=users%7C", `{}`).wantMember(t, "users/21", "Id")
	n.want(http.StatusOK, "GET", docs+"?id=users/16", "").wantMember(t, true, "Results", 0, "kept")
}
