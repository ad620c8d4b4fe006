package api_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	revisions = "/databases/db1/revisions"
	keepUsers = "/databases/db1/admin/revisions/config"
)

func TestRevisions_AreKeptFromTheAnswerOn(t *testing.T) {
	n := startNode(t)
	if none := n.want(http.StatusOK, "GET", revisions+"/config", ""); none.body != "null" {
		t.Errorf("got %s", none.body)
	}
	n.want(http.StatusCreated, "PUT", docs+"?id=users/1", `{"v":0,"@metadata":{"@collection":"Users"}}`)
	set := n.want(http.StatusOK, "POST", keepUsers, `{"Collections":{"uSErs":{"MinimumRevisionsToKeep":3}}}`)
	if index, _ := set.get(t, "RaftCommandIndex").(float64); index < 1 {
		t.Errorf("got %s", set.body)
	}
	n.want(http.StatusOK, "GET", revisions+"/config", "").wantMember(t, 3.0, "Collections", "uSErs", "MinimumRevisionsToKeep")
	var vectors []string
	for _, v := range []string{"1", "2", "3", "4"} {
		a := n.want(http.StatusCreated, "PUT", docs+"?id=users/1", `{"v":`+v+`,"@metadata":{"@collection":"Users"}}`)
		vector, _ := a.get(t, "ChangeVector").(string)
		vectors = append(vectors, vector)
		n.want(http.StatusCreated, "PUT", docs+"?id=other/"+v, `{}`)
	}
	n.want(http.StatusOK, "GET", docs+"?id=users/1", "").wantMember(t, "HasRevisions", "Results", 0, "@metadata", "@flags")

	list := n.want(http.StatusOK, "GET", revisions+"?id=USERS/1", "")
	list.wantMember(t, 3.0, "TotalResults")
	for i, v := range []float64{4, 3, 2} {
		list.wantMember(t, v, "Results", i, "v")
		list.wantMember(t, vectors[int(v)-1], "Results", i, "@metadata", "@change-vector")
		list.wantMember(t, "HasRevisions, Revision", "Results", i, "@metadata", "@flags")
	}
	page := n.want(http.StatusOK, "GET", revisions+"?id=users/1&start=1&pageSize=1&metadataOnly=true", "")
	page.wantMember(t, vectors[2], "Results", 0, "@metadata", "@change-vector")
	page.wantMember(t, 3.0, "TotalResults")
	n.want(http.StatusOK, "GET", revisions+"/count?id=users/1", "").wantMember(t, 3.0, "RevisionsCount")
	n.want(http.StatusOK, "GET", revisions+"/count?id=other/1", "").wantMember(t, 0.0, "RevisionsCount")

	some := n.want(http.StatusOK, "GET", revisions+"?changeVector="+escape(vectors[3])+"&changeVector=A:99&changeVector="+escape(vectors[1]), "")
	some.wantMember(t, 4.0, "Results", 0, "v")
	some.wantMember(t, nil, "Results", 1)
	some.wantMember(t, 2.0, "Results", 2, "v")
	n.want(http.StatusNotFound, "GET", revisions+"?changeVector=invalid", "")

	stats := n.want(http.StatusOK, "GET", "/databases/db1/stats", "")
	stats.wantMember(t, 3.0, "CountOfRevisionDocuments")
}

func TestRevisions_OfADateAndOfWhatWasDeleted(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusOK, "POST", keepUsers, `{"Default":{}}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	first := n.want(http.StatusOK, "GET", docs+"?id=a", "").get(t, "Results", 0, "@metadata", "@last-modified").(string)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":2}`)
	at := n.want(http.StatusOK, "GET", revisions+"?id=a&before="+first, "")
	at.wantMember(t, 1.0, "Results", 0, "v")
	none := n.want(http.StatusOK, "GET", revisions+"?id=a&before=2001-01-01T00:00:00", "")
	if none.body != `{"Results":[]}` {
		t.Errorf("got %s", none.body)
	}
	n.want(http.StatusNoContent, "DELETE", docs+"?id=a", "")
	bin := n.want(http.StatusOK, "GET", revisions+"/bin?pageSize=5", "")
	bin.wantMember(t, "a", "Results", 0, "@metadata", "@id")
	bin.wantMember(t, "HasRevisions, Revision, DeleteRevision", "Results", 0, "@metadata", "@flags")
	n.want(http.StatusOK, "GET", revisions+"?id=a", "").wantMember(t, 3.0, "TotalResults")
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":3}`)
	if bin := n.want(http.StatusOK, "GET", revisions+"/bin", ""); bin.body != `{"Results":[]}` {
		t.Errorf("the document is there again, but the bin has %s", bin.body)
	}
	n.want(http.StatusBadRequest, "GET", revisions, "").wantError(t, "BadRequestException", "parameter id")
	n.want(http.StatusBadRequest, "GET", revisions+"?id=a&before=yesterday", "").wantError(t, "BadRequestException", "parameter before")
}

func TestRevisions_RefusesConfigurationsThatContradict(t *testing.T) {
	n := startNode(t)
	f := func(part, body string) {
		t.Helper()
		a := n.want(http.StatusBadRequest, "POST", keepUsers, body)
		a.wantMember(t, "System.InvalidOperationException", "Type")
		if !strings.Contains(a.body, part) {
			t.Errorf("got %s, want %q in it", a.body, part)
		}
		if none := n.want(http.StatusOK, "GET", revisions+"/config", ""); none.body != "null" {
			t.Errorf("%s: kept all the same: %s", body, none.body)
		}
	}
	f("stands twice", `{"Collections":{"users":{},"USERS":{}}}`)
	f("MinimumRevisionsToKeep is -1", `{"Default":{"MinimumRevisionsToKeep":-1}}`)
	f(`MinimumRevisionAgeToKeep is`, `{"Default":{"MinimumRevisionAgeToKeep":"soon"}}`)
	f("configuration of revisions", `{"Default":[]}`)
}

func TestBulkDocs_SavesRevisions(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	f := func(created bool, commands string) {
		t.Helper()
		n.want(http.StatusCreated, "POST", bulk, `{"Commands":[`+commands+`]}`).wantMember(t, created, "Results", 0, "RevisionCreated")
	}
	f(true, `{"Type":"ForceRevisionCreation","Id":"A"}`)
	f(false, `{"Type":"ForceRevisionCreation","Id":"a"}`)
	n.want(http.StatusCreated, "POST", bulk, `{"Commands":[{"Type":"PUT","Id":"a","Document":{"v":2}}]}`)
	n.want(http.StatusCreated, "POST", bulk, `{"Commands":[{"Type":"PUT","Id":"a","Document":{"v":3},"ForceRevisionCreationStrategy":"Before"}]}`)
	list := n.want(http.StatusOK, "GET", revisions+"?id=a", "")
	list.wantMember(t, 2.0, "Results", 0, "v")
	list.wantMember(t, 1.0, "Results", 1, "v")
	list.wantMember(t, 2.0, "TotalResults")
}

func TestGetDocuments_IncludesRevisions(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusOK, "POST", keepUsers, `{"Default":{}}`)
	first := n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`).get(t, "ChangeVector").(string)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":2}`)
	n.want(http.StatusCreated, "PUT", docs+"?id=b", `{"old":{"cv":["`+first+`","none","`+first+`"]}}`)
	a := n.want(http.StatusOK, "GET", docs+"?id=b&revisions=old.cv", "")
	a.wantMember(t, 1.0, "RevisionIncludes", 0, "Revision", "v")
	a.wantMember(t, first, "RevisionIncludes", 0, "ChangeVector")
	a.wantMember(t, "a", "RevisionIncludes", 0, "Id")
	if list, _ := a.get(t, "RevisionIncludes").([]any); len(list) != 1 {
		t.Errorf("got %s", a.body)
	}
	n.want(http.StatusNotModified, "GET", docs+"?id=b&revisions=old.cv", "", "If-None-Match", a.header.Get("ETag"))
	const later = "2100-01-01T00:00:00.0000000Z"
	dated := n.want(http.StatusOK, "GET", docs+"?id=a&id=zzz&revisionsBefore="+later, "")
	dated.wantMember(t, later, "RevisionIncludes", 0, "Before")
	dated.wantMember(t, 2.0, "RevisionIncludes", 0, "Revision", "v")
	if none := n.want(http.StatusOK, "GET", docs+"?id=a&revisionsBefore=2001-01-01T00:00:00Z", ""); !strings.HasSuffix(none.body, `"RevisionIncludes":[]}`) {
		t.Errorf("got %s", none.body)
	}
	n.want(http.StatusBadRequest, "GET", docs+"?id=a&revisionsBefore=soon", "").wantError(t, "BadRequestException", "revisionsBefore")
}
