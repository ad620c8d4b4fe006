package api_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestMissingDatabase_LooksAsClientsExpect(t *testing.T) {
	n := startNode(t)
	for _, path := range []string{"/databases/nope/docs?id=a", "/topology?name=nope", "/databases/nope/stats?failure=check"} {
		a := n.want(http.StatusServiceUnavailable, "GET", path, "")
		a.wantError(t, "DatabaseDoesNotExistException", "nope")
		if got := a.header.Get("Database-Missing"); got != "nope" {
			t.Errorf("%s: Database-Missing = %q", path, got)
		}
	}
}

func TestTopology(t *testing.T) {
	n := startNode(t)
	a := n.want(http.StatusOK, "GET", "/topology?name=db1&first-topology-update&applicationIdentifier=x", "")
	a.wantMember(t, n.url, "Nodes", 0, "Url")
	a.wantMember(t, "db1", "Nodes", 0, "Database")
	a.wantMember(t, "A", "Nodes", 0, "ClusterTag")
	a.wantMember(t, "Member", "Nodes", 0, "ServerRole")
	if etag, _ := a.get(t, "Etag").(float64); etag < 1 {
		t.Errorf("Etag = %v, want > 0", etag)
	}
	c := n.want(http.StatusOK, "GET", "/cluster/topology?tag", "")
	c.wantMember(t, n.url, "Topology", "Members", "A")
	c.wantMember(t, "A", "Leader")
	for _, name := range []string{"AllNodes", "Promotables", "Watchers"} {
		if _, ok := c.get(t, "Topology", name).(map[string]any); !ok {
			t.Errorf("Topology.%s is not an object: %s", name, c.body)
		}
	}
	if _, ok := c.get(t, "Status").(map[string]any); !ok {
		t.Errorf("Status is not an object: %s", c.body)
	}
	n.want(http.StatusOK, "GET", "/cluster/node-info", "").wantMember(t, "A", "NodeTag")
	n.want(http.StatusOK, "GET", "/build/version", "").wantMember(t, "5.4", "ProductVersion")
	n.want(http.StatusOK, "GET", "/info/tcp?tcp=health-check", "").wantMember(t, nil, "Certificate")
	n.want(http.StatusNoContent, "GET", "/databases/db1/healthcheck", "")
}

func TestDatabases_LifeCycle(t *testing.T) {
	n := startNode(t)
	a := n.want(http.StatusCreated, "PUT", "/admin/databases?name=Shop&replicationFactor=1&raft-request-id=r1",
		`{"DatabaseName":"Shop","Settings":{"Indexing.Static.SearchEngineType":"Lucene","Odd":"1"},"Disabled":false}`, "ETag", `"undefined"`)
	a.wantMember(t, "Shop", "Name")
	a.wantMember(t, "A", "Topology", "Members", 0)
	a.wantMember(t, n.url, "NodesAddedTo", 0)
	if index, _ := a.get(t, "RaftCommandIndex").(float64); index < 1 {
		t.Errorf("RaftCommandIndex = %v", index)
	}
	n.want(http.StatusConflict, "PUT", "/admin/databases?name=SHOP", `{"DatabaseName":"SHOP"}`).wantError(t, "ConcurrencyException", "exists")
	n.want(http.StatusOK, "GET", "/databases?start=0&pageSize=20&namesOnly=true", "").wantMember(t, "Shop", "Databases", 1)

	record := n.want(http.StatusOK, "GET", "/admin/databases?name=Shop", "")
	record.wantMember(t, "Lucene", "Settings", "Indexing.Static.SearchEngineType")
	record.wantMember(t, "1", "Settings", "Odd")
	for _, list := range []string{"PeriodicBackups", "RavenEtls"} {
		if _, ok := record.get(t, list).([]any); !ok {
			t.Errorf("record has no list %s", list)
		}
	}
	for _, object := range []string{"Indexes", "AutoIndexes", "Sorters", "Analyzers", "RavenConnectionStrings"} {
		if _, ok := record.get(t, object).(map[string]any); !ok {
			t.Errorf("record has no object %s", object)
		}
	}
	n.want(http.StatusNotFound, "GET", "/admin/databases?name=nope", "")
	n.want(http.StatusOK, "GET", "/databases/shop/admin/record", "").wantMember(t, "Shop", "DatabaseName")

	n.want(http.StatusCreated, "PUT", "/databases/SHOP/docs?id=a", `{}`)
	n.want(http.StatusOK, "POST", "/admin/databases/disable", `{"DatabaseNames":["Shop"]}`).wantMember(t, true, "Status", 0, "Disabled")
	n.want(http.StatusServiceUnavailable, "GET", "/databases/Shop/docs?id=a", "").wantError(t, "DatabaseDisabledException", "Shop")
	n.want(http.StatusOK, "POST", "/admin/databases/enable", `{"DatabaseNames":["Shop"]}`).wantMember(t, false, "Status", 0, "Disabled")
	n.want(http.StatusOK, "GET", "/databases/Shop/docs?id=a", "")

	n.want(http.StatusOK, "DELETE", "/admin/databases", `{"DatabaseNames":["Shop"],"HardDelete":true,"FromNodes":null,"TimeToWaitForConfirmation":null}`)
	n.want(http.StatusServiceUnavailable, "GET", "/databases/Shop/docs?id=a", "").wantError(t, "DatabaseDoesNotExistException", "Shop")
	// the name is free again, and nothing of the old database is left
	n.want(http.StatusCreated, "PUT", "/admin/databases?name=Shop", `{"DatabaseName":"Shop"}`)
	n.want(http.StatusNotFound, "GET", "/databases/Shop/docs?id=a", "")
	for _, bad := range []string{"a%2Fb", "a:b", "..", "con", strings.Repeat("n", 129), "ends."} {
		n.want(http.StatusBadRequest, "PUT", "/admin/databases?name="+bad, `{}`)
	}
}

func TestRoutes_UnknownOnesAreTold(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusNotFound, "GET", "/databases/db1/nothing", "").wantError(t, "RouteNotFoundException", "/nothing")
	n.want(http.StatusMethodNotAllowed, "PUT", "/databases/db1/stats", "")
	n.want(http.StatusBadRequest, "POST", "/databases/db1/nothing", "").wantError(t, "RouteNotFoundException", "/nothing")
	n.want(http.StatusOK, "GET", "/DATABASES/db1/STATS", "")
	n.want(http.StatusOK, "GET", "/debug/routes", "")
	n.want(http.StatusOK, "GET", "/", "")
}

func TestStatsAndCollections(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=u1", `{"@metadata":{"@collection":"Users"}}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=u2", `{"@metadata":{"@collection":"users"}}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=x", `{}`)
	n.want(http.StatusNoContent, "DELETE", docs+"?id=u2", "")
	s := n.want(http.StatusOK, "GET", "/databases/db1/stats?wait-for-indexing", "")
	s.wantMember(t, 2.0, "CountOfDocuments")
	s.wantMember(t, 1.0, "CountOfTombstones")
	s.wantMember(t, true, "Is64Bit")
	id, _ := s.get(t, "DatabaseId").(string)
	cv, _ := s.get(t, "DatabaseChangeVector").(string)
	if len(id) != 22 || cv != "A:4-"+id {
		t.Errorf("DatabaseId %q, DatabaseChangeVector %q", id, cv)
	}
	c := n.want(http.StatusOK, "GET", "/databases/db1/collections/stats", "")
	c.wantMember(t, 1.0, "Collections", "Users")
	c.wantMember(t, 1.0, "Collections", "@empty")
	d := n.want(http.StatusOK, "GET", "/databases/db1/collections/stats/detailed", "")
	d.wantMember(t, 1.0, "Collections", "Users", "CountOfDocuments")
	n.want(http.StatusOK, "GET", "/databases/db1/stats/detailed", "").wantMember(t, 0.0, "CountOfIdentities")
}

func TestHiLo(t *testing.T) {
	n := startNode(t)
	next := func(query string, low, high float64) {
		t.Helper()
		a := n.want(http.StatusOK, "GET", "/databases/db1/hilo/next?tag=users&"+query, "")
		a.wantMember(t, low, "Low")
		a.wantMember(t, high, "High")
		a.wantMember(t, "users/", "Prefix")
		a.wantMember(t, "A", "ServerTag")
	}
	next("lastBatchSize=0&lastRangeAt=0001-02-01T00%3A00%3A00.0000000&identityPartsSeparator=%2F&lastMax=0", 1, 32)
	next("lastBatchSize=0&lastRangeAt=&identityPartsSeparator=/&lastMax=0", 33, 64)
	n.want(http.StatusNoContent, "PUT", "/databases/db1/hilo/return?tag=users&end=64&last=34", "")
	next("lastBatchSize=0&lastRangeAt=&lastMax=0", 35, 66)
	n.want(http.StatusOK, "GET", docs+"?id=Raven/Hilo/users", "").wantMember(t, 66.0, "Results", 0, "Max")
}

func TestSampleData_FillsAnEmptyDatabaseOnce(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusNoContent, "POST", "/databases/db1/studio/sample-data?operateOnTypes=Documents&operateOnTypes=Indexes", "")
	n.want(http.StatusOK, "GET", "/databases/db1/stats", "").wantMember(t, 1059.0, "CountOfDocuments")
	n.want(http.StatusBadRequest, "POST", "/databases/db1/studio/sample-data", "").wantError(t, "BadRequestException", "1059")
	q := n.want(http.StatusOK, "POST", "/databases/db1/queries?queryHash=1", `{"Query":"from Orders include Company limit 2"}`)
	q.wantMember(t, 830.0, "TotalResults")
	if got := len(q.get(t, "Results").([]any)); got != 2 {
		t.Errorf("%d results, want 2", got)
	}
	if got := len(q.get(t, "Includes").(map[string]any)); got == 0 {
		t.Error("nothing included")
	}
}

func TestQueries(t *testing.T) {
	n := startNode(t)
	for _, id := range []string{"users/1", "users/2", "users/3"} {
		n.want(http.StatusCreated, "PUT", docs+"?id="+id, `{"@metadata":{"@collection":"Users"}}`)
	}
	ids := func(body string, want ...string) answer {
		t.Helper()
		a := n.want(http.StatusOK, "POST", "/databases/db1/queries?queryHash=1", body)
		results, _ := a.get(t, "Results").([]any)
		if len(results) != len(want) {
			t.Fatalf("%s: %d results, want %d: %s", body, len(results), len(want), a.body)
		}
		for i, id := range want {
			a.wantMember(t, id, "Results", i, "@metadata", "@id")
		}
		return a
	}
	a := ids(`{"Query":"from 'Users'","PageSize":2147483647}`, "users/1", "users/2", "users/3")
	a.wantMember(t, 3.0, "TotalResults")
	a.wantMember(t, false, "IsStale")
	a.wantMember(t, "A", "NodeTag")
	ids(`{"Query":"from Users limit $p0, $p1","QueryParameters":{"p0":1,"p1":1},"PageSize":1,"Start":1}`, "users/2")
	ids(`{"Query":"from @all_docs where id() in ($p0)","QueryParameters":{"p0":["users/3","users/1"]}}`, "users/1", "users/3")
	ids(`{"Query":"from Users where id() = 'USERS/2'"}`, "users/2")
	ids(`{"Query":"from Users where startsWith(id(), 'users/')","Start":2,"PageSize":5}`, "users/3")
	ids(`{"Query":"from Nobody"}`)
	f := func(status int, query, class, part string) {
		t.Helper()
		n.want(status, "POST", "/databases/db1/queries", query).wantError(t, class, part)
	}
	f(400, `{"Query":"from Users where"}`, "InvalidQueryException", "line 1")
	f(400, `{"Query":"from Users where id() = $p0"}`, "InvalidQueryException", "p0")
	f(501, `{"Query":"from Users where age > 3"}`, "NotSupportedException", "age")
	f(501, `{"Query":"from index 'X'"}`, "NotSupportedException", "index")
	f(400, `{}`, "BadRequestException", "Query")
	n.want(http.StatusOK, "GET", "/databases/db1/queries?query=from+Users", "").wantMember(t, 3.0, "TotalResults")
	again := n.want(http.StatusOK, "POST", "/databases/db1/queries?queryHash=2", `{"Query":"from Users"}`)
	n.want(http.StatusNotModified, "POST", "/databases/db1/queries?queryHash=2", `{"Query":"from Users"}`, "If-None-Match", again.header.Get("ETag"))
}

func TestClientConfiguration(t *testing.T) {
	n := startNode(t)
	if got := n.want(http.StatusOK, "GET", "/databases/db1/configuration/client", "").body; got != `{"Etag":-2,"Configuration":null}` {
		t.Errorf("unset configuration = %s", got)
	}
	n.want(http.StatusNoContent, "PUT", "/databases/db1/admin/configuration/client?raft-request-id=a", `{"Etag":0,"MaxNumberOfRequestsPerSession":80}`)
	a := n.want(http.StatusOK, "GET", "/databases/db1/configuration/client", "")
	if !strings.HasPrefix(a.body, `{"Etag":`) {
		t.Errorf("the body must begin with its etag: %s", a.body)
	}
	a.wantMember(t, 80.0, "Configuration", "MaxNumberOfRequestsPerSession")
	refresh := n.want(http.StatusOK, "GET", "/databases/db1/stats", "", "Client-Configuration-Etag", `"0"`)
	if refresh.header.Get("Refresh-Client-Configuration") != "true" {
		t.Error("no Refresh-Client-Configuration for a client with an old etag")
	}
	old := n.want(http.StatusOK, "GET", "/databases/db1/stats", "", "Topology-Etag", `"0"`)
	if old.header.Get("Refresh-Topology") != "true" {
		t.Error("no Refresh-Topology for a client with an old etag")
	}
	if h := n.want(http.StatusOK, "GET", "/databases/db1/stats", "").header; h.Get("Refresh-Topology") != "" || h.Get("Refresh-Client-Configuration") != "" {
		t.Error("refresh headers for a client that did not say what it knows")
	}
}
